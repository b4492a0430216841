import type { ServerHttp2Stream } from 'node:http2';
import type { Connection, ConnectionTable } from '../connection.js';
import { Lingering } from '../linger.js';
import { Spread } from '../spread.js';
import { stalledMs } from '../stalled.js';
import { beforeEnd } from './before-end.js';
import { leaveEnd } from './leave-end.js';
import { sayGoaway } from './say-goaway.js';
import type { Session } from './session.js';

/** How long the ends of responses may be held back for a last look at what is on its way here, in milliseconds. */
const longestGatherMs = 1_000;
/**
 * How long a client that was told has to read its last answer and to end the
 * connection itself, in milliseconds; most do so at once. As long as a server
 * of Go waits (`goAwayTimeout`).
 */
const longestReadMs = 1_000;
/**
 * How many round trips are waited for. PING overtakes the responses before it,
 * and its answer overtakes the client that reads them: one is not enough.
 */
const roundTrips = 3;
/** How long a session must have been quiet to be told without a response to go before, in milliseconds. */
const restMs = 1_000;
/** How long a new session may take to its first request, once the listener is closed, in milliseconds. */
const silentMs = 2_000;
/** Sessions are told at least so soon after each other, in milliseconds: a few have no need to wait. */
const longestStepMs = 25;

/** What the farewell of HTTP/2 is given. */
export interface Http2FarewellParts {
  readonly table: ConnectionTable;
  /** Over how much of the lame-duck sessions are told, in milliseconds. */
  readonly tellMs: number;
  readonly onError: (error: unknown) => void;
}

/**
 * How HTTP/2 connections are let go: by GOAWAY (RFC 9113, section 6.8), which
 * names the last stream that was heard. Node can send no warning before it
 * (section 6.8 knows a GOAWAY of two stages): a request that is on its way
 * when GOAWAY is sent is refused. So it is sent when none is:
 *
 * - just before the last open stream of a session ends. A client that waits
 *   for an answer before it asks again reads both together.
 * - where a client asks several things at once, or may do so, after the end of
 *   that response has been held back for some round trips, which PING tells:
 *   what it asks in answer to those before has come by then.
 *
 * What remains are requests that wait for nothing. A client may safely send
 * them again: their stream is above the last that GOAWAY names (section 8.7).
 */
export class Http2Farewell implements Disposable {
  readonly #parts: Http2FarewellParts;
  readonly #turns: Spread<Connection>;
  /** When the last turn comes, on `performance.now()`'s clock. */
  readonly #turnsUntil: number;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** What ends the look at each session whose responses are held back. */
  readonly #gathering = new Set<() => void>();
  #gatherMs = longestGatherMs;
  readonly #begunAt = performance.now();
  #readers = new Lingering(longestReadMs);
  #lameDuckOver = false;
  #disposed = false;

  constructor(parts: Http2FarewellParts) {
    this.#parts = parts;
    const connections = [...parts.table].filter(({ session }) => session);
    const overMs = Math.min(parts.tellMs, connections.length * longestStepMs);
    this.#turnsUntil = performance.now() + overMs;
    this.#turns = new Spread({
      items: connections,
      overMs,
      each: (connection) => this.#turn(connection),
      onError: parts.onError,
    });
    for (const connection of connections) {
      for (const stream of connection.session?.streams ?? []) this.#watchEnd(connection, stream);
    }
  }

  sessionBegun(connection: Connection): void {
    const { session } = connection;
    if (!session) return;
    if (this.#lameDuckOver) this.#tellUnused(connection);
    // Everybody else has had a turn.
    else if (performance.now() >= this.#turnsUntil) session.due = true;
    else this.#turns.add(connection);
  }

  streamBegun(connection: Connection, stream: ServerHttp2Stream): void {
    this.#watchEnd(connection, stream);
    // Its client came late. What it asks in answer to this goes elsewhere.
    const { session } = connection;
    if (!this.#lameDuckOver || !session || session.held) return;
    if (session.isNew) this.#gather(connection, session);
    else this.#tell(connection);
  }

  streamEnded(connection: Connection, stream: ServerHttp2Stream): void {
    const { session } = connection;
    if (!session) return;
    const isUnseen = session.unanswered.delete(stream);
    // Its end goes with its head: nothing comes between the two, so GOAWAY comes right behind.
    if (isUnseen && answersHead(stream)) this.#lookAt(connection, session, false);
    // Its client took it back, or it had begun to end before its session's turn came: it is too late for this one.
    else if (session.due) this.#tellRested(connection, session);
  }

  connectionClosed(connection: Connection): void {
    this.#turns.remove(connection);
  }

  /** The lame-duck is over: every session goes now. In `budgetMs` milliseconds the rest is cut. */
  leave(budgetMs: number): void {
    this.#lameDuckOver = true;
    this.#gatherMs = Math.min(longestGatherMs, budgetMs / 4);
    this.#readers = new Lingering(this.#gatherMs);
    this.#turns[Symbol.dispose]();
    for (const connection of this.#parts.table) {
      const { session, used } = connection;
      if (!session || session.told) continue;
      session.due = true;
      if (!session.quiet) this.#gather(connection, session);
      else if (used) this.#tell(connection);
      else this.#tellUnused(connection);
    }
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#turns[Symbol.dispose]();
    for (const timer of this.#timers) clearTimeout(timer);
    // What is held back has been answered: it is not to be cut.
    for (const gathered of this.#gathering) gathered();
  }

  #turn(connection: Connection): void {
    const { session, used } = connection;
    if (!session) return;
    session.due = true;
    if (used) this.#tellRested(connection, session);
  }

  /** Its client may have asked something already. If so, it is told with the answer. */
  #tellRested(connection: Connection, session: Session): void {
    if (!session.quiet || session.rests || session.told) return;
    session.rests = true;
    this.#after(restMs, () => {
      session.rests = false;
      if (session.quiet) this.#tell(connection);
    });
  }

  #watchEnd(connection: Connection, stream: ServerHttp2Stream): void {
    const { session } = connection;
    if (!session) return;
    session.unanswered.add(stream);
    beforeEnd(stream, (end) => {
      session.unanswered.delete(stream);
      this.#lookAt(connection, session, true);
      if (session.held) session.held.push(end);
      else end();
    });
  }

  /**
   * One response less to wait for: perhaps it was the last.
   *
   * @param ends - whether its end can still be held back
   */
  #lookAt(connection: Connection, session: Session, ends: boolean): void {
    if (!session.due || session.unanswered.size > 0) return;
    if (session.multiplexes || (ends && session.isNew)) this.#gather(connection, session);
    else this.#tell(connection);
  }

  /** Hold back the ends of responses until all that was asked before them is here; then tell. */
  #gather(connection: Connection, session: Session): void {
    if (session.held || session.told) return;
    const held: (() => void)[] = [];
    session.held = held;
    const gathered = () => {
      this.#gathering.delete(gathered);
      if (!session.held) return;
      session.held = undefined;
      this.#tell(connection);
      for (const end of held) end();
    };
    this.#gathering.add(gathered);
    this.#after(this.#gatherMs, gathered);
    this.#pings(session, roundTrips, gathered);
  }

  /** `then` comes after so many round trips. */
  #pings(session: Session, count: number, then: () => void): void {
    if (count === 0) then();
    else if (!session.http2.destroyed) session.http2.ping(() => this.#pings(session, count - 1, then));
  }

  /** A client that has just connected has a moment for its request. */
  #tellUnused(connection: Connection): void {
    const since = connection.quietSince ?? performance.now();
    this.#after(since + silentMs - performance.now(), () => this.#tell(connection));
  }

  /** Tell now; or with the answer to the request that is half here. */
  #tell(connection: Connection): void {
    if (!connection.session?.hears) this.#say(connection);
    else this.#after(stalledMs, () => this.#say(connection));
  }

  #say(connection: Connection): void {
    const { session, socket, quietSince = this.#begunAt } = connection;
    if (!session || session.told) return;
    // Whoever has been quiet for longer has read what it got.
    const isRead = session.quiet && performance.now() - quietSince > longestReadMs;
    if (connection.used && !isRead) leaveEnd(socket, this.#readers);
    sayGoaway(connection);
  }

  #after(ms: number, then: () => void): void {
    if (this.#disposed) return;
    // Newer versions of Node warn of a time that is past.
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        then();
      },
      Math.max(0, ms),
    );
    this.#timers.add(timer);
  }
}

/** Whether it is a response to HEAD; Node's own, and not in its types. */
function answersHead(stream: ServerHttp2Stream & { readonly headRequest?: boolean }): boolean {
  return stream.headRequest === true;
}
