import { setTimeout as pause } from 'node:timers/promises';
import {
  type Address,
  ConnectError,
  Connection,
  type Exchange,
  type RawRequest,
  within,
} from '@graceful/conformance/client';
import type { Books } from './books.js';

/** How a client over HTTP behaves. */
export interface HttpClient {
  readonly request: RawRequest;
  /** How long the answer takes by itself, in milliseconds. */
  readonly takesMs: number;
  /** How often it asks on a connection before it takes another. */
  readonly turns: number;
  /** Between an answer and the next request, ± half, in milliseconds. */
  readonly thinkMs: number;
}

/** The load as all clients see it. */
export interface Surroundings {
  readonly address: Address;
  readonly books: Books;
  readonly patienceMs: number;
  /** No client begins anything any more. */
  readonly over: AbortSignal;
}

/** Ask again and again, never twice for the same thing: what is not answered is lost. */
export async function askOverHttp(client: HttpClient, surroundings: Surroundings): Promise<void> {
  const { address, books, patienceMs, over } = surroundings;
  while (!over.aborted) {
    const begunAt = performance.now();
    try {
      const connection = await within(patienceMs, 'a connection', Connection.open(address));
      books.connected(performance.now() - begunAt);
      await askOn(connection, client, surroundings);
      connection.close();
    } catch (error) {
      books.lose(error instanceof ConnectError ? `no connection, ${error.code}` : 'no connection in time');
    }
    await think(client);
  }
}

async function askOn(
  connection: Connection,
  client: HttpClient,
  { books, patienceMs, over }: Surroundings,
): Promise<void> {
  for (let turn = 0; turn < client.turns && !over.aborted; turn++) {
    if (turn > 0) await think(client);
    // Closed while the client thought: it knows, asks on another one, and has lost nothing.
    if (!connection.usable) return;
    const exchange = connection.send(client.request);
    const limitMs = client.takesMs + patienceMs;
    try {
      await within(limitMs, 'an answer', exchange.settled());
    } catch {
      books.lose('no answer in time');
      connection.destroy();
      return;
    }
    note(exchange, connection, client.takesMs, books);
    if (connection.told) books.told += 1;
  }
}

function note(exchange: Exchange, connection: Connection, takesMs: number, books: Books): void {
  const { fate, response, beganAt = Number.NaN, answeredAt = Number.NaN } = exchange;
  if (fate !== 'answered' || response === undefined) {
    books.lose(
      `${response ? 'answer cut' : 'not answered'}, ${connection.end?.detail ?? 'after a last answer'}`,
    );
  } else if (response.status !== 200) {
    books.lose(`answered ${response.status}`);
  } else {
    books.answer(answeredAt - beganAt - takesMs);
  }
}

function think({ thinkMs }: HttpClient): Promise<void> {
  return pause(thinkMs * (0.5 + Math.random()));
}
