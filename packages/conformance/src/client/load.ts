import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from './connection.js';
import { ConnectError } from './connection.js';
import type { RawRequest } from './request.js';

/** How a client behaves: what it asks in turn, and how long it thinks in between. */
export interface Pace {
  /** One after the other, and from the beginning again. */
  readonly requests: readonly RawRequest[];
  /** Between an answer and the next request, in milliseconds. */
  readonly thinkMs: number;
}

/** Ask again and again on one connection until it may not be asked any more, or until `enough`. */
export async function askUntilTold(
  connection: Connection,
  { requests, thinkMs }: Pace,
  enough: () => boolean = () => false,
): Promise<void> {
  for (let turn = 0; connection.usable && !enough(); turn++) {
    const request = requests[turn % requests.length];
    if (!request) throw new Error('Expected something to ask.');
    const fate = await connection.send(request).settled();
    if (fate !== 'answered') return;
    if (connection.usable) await pause(thinkMs);
  }
}

/** Like a pool of kept-alive connections: when told, come back on a new one, until `enough` or nobody opens. */
export async function askAndComeBack(
  connect: () => Promise<Connection>,
  pace: Pace,
  enough: () => boolean,
): Promise<void> {
  while (!enough()) {
    const connection = await openOrNothing(connect);
    if (!connection) return;
    await askUntilTold(connection, pace, enough);
    connection.close();
  }
}

/** Like a client without a pool: a connection for each request, until `enough` or nobody opens. */
export async function askOnFreshConnections(
  connect: () => Promise<Connection>,
  { requests, thinkMs }: Pace,
  enough: () => boolean,
): Promise<void> {
  for (let turn = 0; !enough(); turn++) {
    const connection = await openOrNothing(connect);
    const request = requests[turn % requests.length];
    if (!connection || !request) return;
    await connection.send(request).settled();
    connection.close();
    await pause(thinkMs);
  }
}

async function openOrNothing(connect: () => Promise<Connection>): Promise<Connection | undefined> {
  try {
    return await connect();
  } catch (error) {
    // Nobody there: a client asks elsewhere, and has lost nothing.
    if (error instanceof ConnectError) return undefined;
    throw error;
  }
}
