import { setTimeout as pause } from 'node:timers/promises';
import type { Visit } from '../protocol.js';
import { ConnectError, type Connection } from '../suite.js';

/**
 * For how long a client trusts a connection that it does not use, in
 * milliseconds: less than any service of these runs promises. One that
 * oversleeps takes a new connection, as the pools of careful clients do.
 */
const trustMs = 80;

/** A client that went on for ever would be a hang of its own. */
const most = 300;

/** How a client goes about it. */
export interface Pace {
  /** Between an answer and the next request. */
  readonly thinkMs: () => number;
  /** Ask once on each connection. */
  readonly once?: boolean;
  readonly connect?: () => Promise<Connection | undefined>;
}

/** Do `ask` again and again, on one connection as long as that may be used, then on the next, until nobody opens. */
export async function goOn(
  visit: Visit,
  { thinkMs, once = false, connect = () => openOrNothing(visit.trial.connect()) }: Pace,
  ask: (connection: Connection) => Promise<unknown>,
): Promise<void> {
  for (let turn = 0; turn < most && !visit.over.aborted; ) {
    const connection = await connect();
    if (!connection) return;
    for (let again = true; again; ) {
      await ask(connection);
      turn++;
      const quietAt = performance.now();
      await pause(thinkMs());
      const trusted = connection.usable && performance.now() - quietAt < trustMs;
      again = trusted && !once && turn < most;
    }
    connection.close();
  }
}

/** A connection, or nothing when the service refuses: a client asks elsewhere, and has lost nothing. */
export async function openOrNothing(opening: Promise<Connection>): Promise<Connection | undefined> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof ConnectError) return undefined;
    throw error;
  }
}
