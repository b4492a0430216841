import type { Socket } from 'node:net';
import { type Address, ConnectError, Connection, type ConnectionEnd, type Manners } from './connection.js';
import type { Exchange } from './exchange.js';

/** A connection that did not come about. */
export interface Refusal {
  /** When it was tried, by `performance.now()`. */
  readonly at: number;
  /** When that was known, by `performance.now()`. */
  readonly knownAt: number;
  /** As Node gives it: `ECONNREFUSED`, … */
  readonly code: string;
}

/** Opens connections and remembers everything that was done on them. */
export class Ledger {
  /** All that came about. */
  readonly connections: Connection[] = [];
  /** All that did not. */
  readonly refusals: Refusal[] = [];
  #answered = 0;
  #waiting: { readonly count: number; readonly resolve: () => void } | undefined;

  /**
   * Connect, and remember it.
   *
   * @throws {@link ConnectError}
   */
  async connect(address: Address, manners?: Manners): Promise<Connection> {
    const begunAt = performance.now();
    try {
      const connection = await Connection.open(address, manners, () => this.#onAnswer());
      this.connections.push(connection);
      return connection;
    } catch (error) {
      this.refusals.push({
        at: begunAt,
        knownAt: performance.now(),
        code: error instanceof ConnectError ? error.code : String(error),
      });
      throw error;
    }
  }

  /** Over a socket that somebody opened in a way of his own, and that nobody else reads. */
  over(socket: Socket): Connection {
    const connection = Connection.over(socket, () => this.#onAnswer());
    this.connections.push(connection);
    return connection;
  }

  /** Resolves when there have been so many answers; one caller at a time. */
  answers(count: number): Promise<void> {
    if (this.#answered >= count) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting = { count, resolve };
    });
  }

  #onAnswer(): void {
    this.#answered++;
    if (this.#waiting && this.#answered >= this.#waiting.count) this.#waiting.resolve();
  }

  /** Every request that was begun. */
  get exchanges(): Exchange[] {
    return this.connections.flatMap((connection) => connection.exchanges);
  }

  /**
   * `connection` was reset before the service had accepted it: the kernel had
   * let it in while the listener closed, and to a client that is a refusal.
   */
  refused(connection: Connection): void {
    this.connections.splice(this.connections.indexOf(connection), 1);
    this.refusals.push({
      at: connection.openedAt,
      knownAt: connection.end?.at ?? performance.now(),
      code: 'ECONNRESET',
    });
  }

  /** Requests that somebody waited for and nobody answered: the number that must be 0. */
  get lost(): Exchange[] {
    return this.exchanges.filter(({ fate, request }) => fate === 'lost' && !request.doomed);
  }

  /** Connections that ended otherwise than in order. */
  get broken(): Connection[] {
    const inOrder: ConnectionEnd['how'][] = ['server', 'client'];
    return this.connections.filter(({ end }) => end && !inOrder.includes(end.how));
  }

  /** Drop what is still open, so that nothing outlives a trial. */
  destroy(): void {
    for (const connection of this.connections) connection.destroy();
  }
}
