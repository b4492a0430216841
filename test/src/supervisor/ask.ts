import { type Address, Connection } from '@graceful/conformance/client';
import type { SupervisorProcess } from './supervisor-process.js';

/** What a service of a test answers. */
export interface Answer {
  readonly version: string;
  readonly pid: number;
  readonly remembered: number;
  readonly undone: number;
  readonly environment?: readonly string[];
}

/**
 * A connection that generation `number` has accepted, and has answered on.
 * While another drains that one may accept, too, until its listener is closed.
 */
export async function connectTo(
  supervisor: SupervisorProcess,
  number: number,
  address?: Address,
): Promise<Connection> {
  const at = address ?? (await supervisor.address());
  const pids = await supervisor.pidsOf(number);
  for (;;) {
    const connection = await Connection.open(at);
    if (pids.includes((await answerOf(connection, '/')).pid) && connection.usable) return connection;
    connection.close();
  }
}

/** What generation `number` answers. */
export async function ask(supervisor: SupervisorProcess, number: number, path: string): Promise<Answer> {
  const connection = await connectTo(supervisor, number);
  try {
    return await answerOf(connection, path);
  } finally {
    connection.close();
  }
}

async function answerOf(connection: Connection, path: string): Promise<Answer> {
  return JSON.parse((await connection.ask({ path })).body) as Answer;
}
