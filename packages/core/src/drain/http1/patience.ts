import type { Server } from 'node:http';
import type { Connection, ConnectionTable } from '../connection.js';
import type { Handshakes } from './handshakes.js';
import { midMessage } from './mid-message.js';

/** How long a half received request head, or a TLS handshake, may hold a drain, in milliseconds. */
const stalledMs = 2_000;

/** What patience is given. */
export interface PatienceParts {
  readonly server: Server;
  readonly table: ConnectionTable;
  readonly handshakes: Handshakes;
  /** When the departure began; on `performance.now()`'s clock, as is the next. */
  readonly begunAt: number;
  /** When the last idle connection is let go, whatever its server promised. */
  readonly latestAt: number;
  readonly letGo: (connection: Connection, why: 'idle' | 'stalled') => void;
}

/**
 * Lets go of connections that are quiet, once the listener is closed: an idle
 * one when the keep-alive promise of its server has run out, one that has sent
 * half a request head and no more after a moment. Those with a request in
 * flight are not its business.
 */
export class Patience implements Disposable {
  readonly #parts: PatienceParts;
  readonly #closedAt = performance.now();
  readonly #stalledMs: number;
  readonly #receivingSince = new WeakMap<Connection, number>();
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  constructor(parts: PatienceParts) {
    this.#parts = parts;
    this.#stalledMs = Math.min(stalledMs, parts.server.headersTimeout || stalledMs);
    this.#sweep();
  }

  /** `connection` has answered its last request, and was perhaps not told that it was the last. */
  becameQuiet(connection: Connection): void {
    if (!connection.busy && connection.end === undefined) this.#sweepAt(this.#idleUntil(connection));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #sweep(): void {
    const { server, table, handshakes, letGo } = this.#parts;
    const receiving = midMessage(server);
    const now = performance.now();
    this.#timerAt = Infinity;
    for (const connection of table) {
      if (connection.busy || connection.end !== undefined || connection.hijacked) continue;
      const inMessage = receiving(connection.socket);
      const until = inMessage ? this.#receivingUntil(connection, now) : this.#idleUntil(connection);
      if (until <= now) letGo(connection, inMessage ? 'stalled' : 'idle');
      else this.#sweepAt(until);
    }
    if (handshakes.size === 0) return;
    const handshakesUntil = this.#closedAt + this.#stalledMs;
    if (handshakesUntil > now) this.#sweepAt(handshakesUntil);
    else for (const socket of handshakes) socket.destroy();
  }

  /**
   * The promise counts from the last response (RFC 9112, section 9.8). Of a
   * connection that was quiet before the departure began no more is known than
   * that; there Node's own timer, which runs on, is the first to close it.
   */
  #idleUntil({ quietSince }: Connection): number {
    const { server, begunAt, latestAt } = this.#parts;
    const promisedMs = server.keepAliveTimeout || Infinity;
    return Math.min((quietSince ?? begunAt) + promisedMs, latestAt);
  }

  #receivingUntil(connection: Connection, now: number): number {
    // The body of a request that was answered early: it has the whole budget.
    if (connection.newest?.req.complete === false) return Infinity;
    const since = this.#receivingSince.get(connection) ?? now;
    this.#receivingSince.set(connection, since);
    return since + this.#stalledMs;
  }

  #sweepAt(at: number): void {
    if (at >= this.#timerAt || at === Infinity) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#sweep(), Math.max(1, at - performance.now()));
  }
}
