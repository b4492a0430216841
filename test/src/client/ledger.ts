import { type Address, ConnectError, Connection, type ConnectionEnd, type Manners } from './connection.js';
import type { Exchange } from './exchange.js';

/** A connection that did not come about. */
export interface Refusal {
  readonly at: number;
  readonly code: string;
}

/** Opens connections and remembers everything that was done on them. */
export class Ledger {
  readonly connections: Connection[] = [];
  readonly refusals: Refusal[] = [];
  #answered = 0;
  #waiting: { readonly count: number; readonly resolve: () => void } | undefined;

  /** @throws {@link ConnectError} */
  async connect(address: Address, manners?: Manners): Promise<Connection> {
    const begunAt = performance.now();
    try {
      const connection = await Connection.open(address, manners, () => this.#onAnswer());
      this.connections.push(connection);
      return connection;
    } catch (error) {
      this.refusals.push({ at: begunAt, code: error instanceof ConnectError ? error.code : String(error) });
      throw error;
    }
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

  get exchanges(): Exchange[] {
    return this.connections.flatMap((connection) => connection.exchanges);
  }

  /**
   * `connection` was reset before the service had accepted it: the kernel had
   * let it in while the listener closed, and to a client that is a refusal.
   */
  refused(connection: Connection): void {
    this.connections.splice(this.connections.indexOf(connection), 1);
    this.refusals.push({ at: connection.openedAt, code: 'ECONNRESET' });
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
