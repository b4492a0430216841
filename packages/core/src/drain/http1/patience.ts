import type { Http1Side } from '../../http-server.js';
import type { Connection, ConnectionTable } from '../connection.js';
import type { Handshakes } from '../handshakes.js';
import { stalledMs } from '../stalled.js';
import { midMessage } from './mid-message.js';

/** How long a connection that has just come may take to its first request, in milliseconds. */
const firstMs = 1_000;
/** How long one may take to its next, whatever the hour, in milliseconds. */
const nextMs = 500;

/** How many connections a turn of the event loop may look at. */
const looksPerTurn = 1_000;
/** How many are let go in a millisecond: their ends come back as events, and those must not fill a turn either. */
const endsPerMs = 10;
/** How many are let go in one turn, however long the one before was. */
const endsPerTurn = 50;
/** How many connections are looked at in a millisecond, over time: it is looked at all of them again and again. */
const looksPerMs = 400;

/** What patience is given. */
export interface PatienceParts {
  readonly server: Http1Side;
  readonly table: ConnectionTable;
  readonly handshakes: Handshakes;
  /** When the departure began; on `performance.now()`'s clock. */
  readonly begunAt: number;
  readonly letGo: (connection: Connection, why: 'idle' | 'stalled') => void;
}

/** Since when, and until when, it is looked for those that are quiet; on `performance.now()`'s clock. */
interface Bounds {
  readonly closedAt: number;
  /** When the last idle connection is let go, whatever its server promised; but for one that was answered late. */
  readonly latestAt: number;
  /** When that one is let go, too: little of the budget is left then. */
  readonly endsAt: number;
}

/**
 * Lets go of connections that are quiet: an idle one when the keep-alive
 * promise of its server has run out; and, once the listener is closed, one
 * that has sent half a request head and no more after a moment. Those with a
 * request in flight are not its business.
 *
 * However many there are, no turn of the event loop is long: it looks at some,
 * lets go of a few, and goes on in the next turn.
 */
export class Patience implements Disposable {
  readonly #parts: PatienceParts;
  readonly #stalledMs: number;
  readonly #receivingSince = new WeakMap<Connection, number>();
  #bounds: Bounds | undefined;
  /** Those to look at first. */
  readonly #expired: Connection[] = [];
  /** Where it has come to in the table, while it looks at all. */
  #walk: Iterator<Connection> | undefined;
  /** When to look at all again, as far as is known. */
  #walkAt = Infinity;
  #walkedAt = -Infinity;
  #turnAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #timerAt = Infinity;

  constructor(parts: PatienceParts) {
    this.#parts = parts;
    this.#stalledMs = Math.min(stalledMs, parts.server.headersTimeout || stalledMs);
  }

  /**
   * Node's own timer says that the promise to `connection` has run out. Node
   * would cut it in the same turn, and with it all whose time has come.
   *
   * @returns whether it is let go from here
   */
  expired(connection: Connection): boolean {
    if (!isOurs(connection)) return false;
    connection.quietSince = -Infinity;
    this.#expired.push(connection);
    this.#turnIn(0);
    return true;
  }

  /** The listener is closed: look for those that are quiet, and let the last go at `latestAt`. */
  leave(latestAt: number, endsAt: number): void {
    this.#bounds = { closedAt: performance.now(), latestAt, endsAt };
    this.#walkAt = -Infinity;
    this.#turn();
  }

  /** The last is to go at `endsAt` already. */
  hurry(endsAt: number): void {
    if (!this.#bounds || endsAt >= this.#bounds.endsAt) return;
    this.#bounds = { ...this.#bounds, latestAt: Math.min(this.#bounds.latestAt, endsAt), endsAt };
    this.#lookAgainAt(endsAt);
  }

  /** `connection` has answered its last request, and was perhaps not told that it was the last. */
  becameQuiet(connection: Connection): void {
    if (this.#bounds && isOurs(connection)) this.#lookAgainAt(this.#idleUntil(connection));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timerAt = -Infinity;
  }

  #turn(): void {
    const now = performance.now();
    this.#timerAt = Infinity;
    let mayGo = Math.max(1, Math.min((now - this.#turnAt) * endsPerMs, endsPerTurn));
    this.#turnAt = now;
    const receiving = midMessage(this.#parts.server);
    for (let looks = looksPerTurn; looks > 0 && mayGo >= 1; looks--) {
      const connection = this.#next(now);
      if (!connection) {
        if (this.#letHandshakesGo(mayGo, now)) this.#rest();
        return;
      }
      if (!isOurs(connection)) continue;
      const inMessage = receiving(connection.socket);
      const until = inMessage ? this.#receivingUntil(connection, now) : this.#idleUntil(connection);
      if (until > now) this.#lookAgainAt(until);
      else {
        mayGo--;
        this.#parts.letGo(connection, inMessage ? 'stalled' : 'idle');
      }
    }
    this.#turnIn(1);
  }

  /** Who is to be looked at next, if anybody is. */
  #next(now: number): Connection | undefined {
    const expired = this.#expired.pop();
    if (expired) return expired;
    if (!this.#walk && this.#walkAt <= now) {
      this.#walk = this.#parts.table[Symbol.iterator]();
      this.#walkAt = Infinity;
    }
    const next = this.#walk?.next();
    if (next && !next.done) return next.value;
    if (next) this.#walkedAt = now;
    this.#walk = undefined;
    return undefined;
  }

  /** Go on when there is somebody to look at again. */
  #rest(): void {
    if (this.#walk || this.#walkAt === Infinity) return;
    // Of thousands, each may have a time of its own.
    const earliest = this.#walkedAt + this.#parts.table.size / looksPerMs;
    this.#turnIn(Math.max(this.#walkAt, earliest) - performance.now());
  }

  #lookAgainAt(at: number): void {
    if (at >= this.#walkAt) return;
    this.#walkAt = at;
    this.#rest();
  }

  /** Whether there is nothing more to do about TLS handshakes now. */
  #letHandshakesGo(atMost: number, now: number): boolean {
    const { handshakes } = this.#parts;
    if (!this.#bounds || handshakes.size === 0) return true;
    const until = this.#bounds.closedAt + this.#stalledMs;
    if (until > now) {
      this.#lookAgainAt(until);
      return true;
    }
    let mayGo = atMost;
    for (const socket of handshakes) {
      if (--mayGo < 0) break;
      socket.destroy();
    }
    // They leave the table with their events; who is left has the next turn.
    this.#turnIn(1);
    return false;
  }

  /**
   * The promise counts from the last response (RFC 9112, section 9.8). Of a
   * connection that was quiet before the departure began no more is known than
   * that; there Node's own timer, which runs on, tells.
   */
  #idleUntil({ quietSince = this.#parts.begunAt, used }: Connection): number {
    const promisedMs = this.#parts.server.keepAliveTimeout || Infinity;
    const latestAt = this.#bounds?.latestAt ?? Infinity;
    // One that has just come, or has just done its handshake, has its first request on its way. One that has just
    // been answered, and was not told, may have the next.
    const momentMs = used ? nextMs : firstMs;
    const moment = Math.min(quietSince + momentMs, this.#bounds?.endsAt ?? Infinity);
    return Math.min(quietSince + promisedMs, Math.max(latestAt, moment));
  }

  #receivingUntil(connection: Connection, now: number): number {
    // The body of a request that was answered early: it has the whole budget.
    if (!this.#bounds || connection.newest?.req.complete === false) return Infinity;
    const since = this.#receivingSince.get(connection) ?? now;
    this.#receivingSince.set(connection, since);
    return since + this.#stalledMs;
  }

  #turnIn(ms: number): void {
    const inMs = Math.max(1, ms);
    const at = performance.now() + inMs;
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timerAt = at;
    // Node runs a timer that was set by a timer in the same turn of the event loop, if that took a millisecond.
    this.#timer = setTimeout(() => {
      this.#immediate = setImmediate(() => this.#turn());
    }, inMs);
  }
}

/** Whether nobody else sees to the end of `connection`. */
function isOurs({ busy, end, hijacked, closed, session }: Connection): boolean {
  return !busy && end === undefined && !hijacked && !closed && session === undefined;
}
