import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { HttpServer } from '../http-server.js';
import { closeListener } from './close-listener.js';
import { closeOnlyListener } from './close-only-listener.js';
import type { Connection, ConnectionEnd, ConnectionTable } from './connection.js';
import type { Evidence } from './drainable.js';
import type { Handshakes } from './handshakes.js';
import { Http1Farewell } from './http1/farewell.js';
import { Pace } from './http1/pace.js';
import { stopChecking } from './http1/stop-checking.js';
import { Http2Farewell } from './http2/farewell.js';
import type { InFlight, LongLived } from './long-lived/long-lived.js';
import { turn } from './turn.js';

/** How long what belongs to a departure takes, in milliseconds. */
export interface DepartureTimes {
  /** How long an idle connection may still be used after the lame-duck. */
  readonly idleMs: number;
  /** Over how much of the lame-duck clients are told. */
  readonly tellMs: number;
}

/** What a departure is made of. */
export interface DepartureParts extends DepartureTimes {
  readonly server: HttpServer;
  readonly table: ConnectionTable;
  readonly handshakes: Handshakes;
  readonly longLived: LongLived;
  readonly onError: (error: unknown) => void;
}

/** How many connections are cut in one turn of the event loop; each comes back as events in the same turn. */
const cutsPerTurn = 20;
/** How long cutting may take, in milliseconds: what is left then ends with the process. */
const longestCutMs = 700;

/** `closing`: no longer lame-duck, and the listener is not closed yet. */
type Step = 'lame-duck' | 'closing' | 'draining' | 'over';

/**
 * How a server leaves, whatever its connections speak: from the lame-duck on
 * clients are told, then the listener closes, then connections end as they
 * become quiet, and at last whoever is left is cut.
 */
export class Departure {
  readonly #parts: DepartureParts;
  readonly #http1: Http1Farewell;
  readonly #http2: Http2Farewell;
  readonly #pace: Pace;
  readonly #closing: Disposable;
  readonly #inFlightAtStart: number;
  readonly #ends: Record<ConnectionEnd, number> = { told: 0, idle: 0, client: 0, forced: 0 };
  readonly #cameInLameDuck = new WeakSet<ServerResponse | ServerHttp2Stream>();
  readonly #tooLate = new WeakSet<Socket>();
  #step: Step = 'lame-duck';
  /** When the rest is cut, as far as is known. */
  #endsAt = Infinity;
  #served = 0;
  #servedInLameDuck = 0;
  #dropped = 0;
  /** Resolves when the listener is closed and no connection is left. */
  readonly #gone: Promise<void>;
  #allGone: () => void = () => {};
  readonly #begunAt = performance.now();
  readonly #acceptedBefore: number;
  #lastConnectionAt = this.#begunAt;
  /** When the last request came; at first, when the departure began. */
  lastArrivalAt: number = this.#begunAt;

  constructor(parts: DepartureParts) {
    const { table, tellMs } = parts;
    this.#parts = parts;
    this.#inFlightAtStart = table.requests;
    this.#acceptedBefore = table.accepted;
    this.#gone = new Promise((resolve) => {
      this.#allGone = resolve;
    });
    this.#closing = closeOnlyListener(parts.server, () => this.#step === 'lame-duck');
    const toTell = [...table].filter(({ session, hijacked }) => !session && !hijacked);
    this.#pace = new Pace(toTell, tellMs);
    this.#http1 = new Http1Farewell({ ...parts, pace: this.#pace });
    this.#http2 = new Http2Farewell(parts);
    for (const work of this.#inFlight()) if (!isSocket(work)) parts.longLived.watch(work);
  }

  /** How much of what is in flight does not end by itself. */
  get longLived(): number {
    return this.#inFlight().filter((work) => !isSocket(work) && this.#parts.longLived.has(work)).length;
  }

  /**
   * Whether `connection` can no longer be answered on, as its last response is
   * on its way. A request that comes now is not begun: it would have its
   * effects and no answer, and a client that was told sends it again elsewhere.
   */
  refuses(connection: Connection): boolean {
    if (connection.end === undefined && !connection.socket.writableEnded) return false;
    // Nobody had told this client; its request crossed the end of a patience.
    if (connection.end === 'idle') this.#dropped++;
    return true;
  }

  /** Let `response`, which answers no work of the app, be the last of its connection: whoever asks it has no turn to wait for. */
  tell(connection: Connection, response: ServerResponse): void {
    this.#http1.tell(connection, response, () => true);
  }

  requestBegun(connection: Connection, response: ServerResponse): void {
    this.#arrived(response);
    this.#parts.longLived.watch(response);
    this.#http1.tell(connection, response);
  }

  requestEnded(connection: Connection, response: ServerResponse): void {
    // Node calls a response finished, too, whose connection went away under it.
    if (connection.closed || connection.socket.destroyed || !response.writableFinished) return;
    this.#answered(response);
    this.#http1.becameQuiet(connection);
  }

  connectionBegun(socket: Socket): void {
    this.#lastConnectionAt = performance.now();
    // It came in before the listener was closed, and after all others were cut.
    if (!this.#isOver()) return;
    this.#tooLate.add(socket);
    socket.destroy();
  }

  /** A TLS handshake begins. */
  handshakeBegun(socket: Socket): void {
    if (this.#isOver()) socket.destroy();
  }

  /** Node's own timer for `connection` has run out; whether that is seen to here. */
  timedOut(connection: Connection): boolean {
    return this.#http1.timedOut(connection);
  }

  sessionBegun(connection: Connection): void {
    this.#http2.sessionBegun(connection);
  }

  /** `isWork`: it is for the app, and no probe. */
  streamBegun(connection: Connection, stream: ServerHttp2Stream, isWork: boolean): void {
    if (isWork) {
      this.#arrived(stream);
      this.#parts.longLived.watch(stream);
    }
    this.#http2.streamBegun(connection, stream);
  }

  streamEnded(connection: Connection, stream: ServerHttp2Stream, isWork: boolean): void {
    // Not `writableFinished`: Node closes a stream whose request was read to its end before it says so.
    if (isWork && stream.writableEnded && !stream.aborted && stream.rstCode === 0) this.#answered(stream);
    this.#http2.streamEnded(connection, stream);
  }

  connectionClosed(connection: Connection): void {
    // Nobody has heard of one that came when all was over: it is as good as refused.
    if (!this.#tooLate.has(connection.socket)) this.#ends[connection.end ?? endOf(connection)]++;
    this.#http2.connectionClosed(connection);
    this.look();
  }

  /** Close the listener, and begin to end what is quiet; in `budgetMs` milliseconds the rest is cut. */
  async stopAccepting(budgetMs: number): Promise<void> {
    const lameDuckEndedAt = performance.now();
    this.#step = 'closing';
    this.#endsAt = Math.min(this.#endsAt, lameDuckEndedAt + budgetMs);
    this.#pace.end();
    await this.closeListener();
    // The budget may have been spent meanwhile.
    if (this.#isOver()) return;
    this.#step = 'draining';
    // Less, perhaps, than when it began to close.
    const remainingMs = this.#endsAt - lameDuckEndedAt;
    const patienceMs = patienceWithin(remainingMs);
    this.#http1.leave(
      lameDuckEndedAt + Math.min(this.#parts.idleMs, patienceMs),
      lameDuckEndedAt + patienceMs,
    );
    this.#http2.leave(remainingMs);
    this.#parts.longLived.leave(this.#inFlight(), remainingMs);
  }

  /** There are only `remainingMs` milliseconds left. */
  hurry(remainingMs: number): void {
    this.#endsAt = Math.min(this.#endsAt, performance.now() + remainingMs);
    this.#http1.hurry(performance.now() + patienceWithin(remainingMs));
    this.#parts.longLived.hurry(remainingMs);
  }

  /** For a server that begins to listen while the service is leaving, too. */
  async closeListener(): Promise<void> {
    if (this.#step === 'lame-duck') return;
    const { server, table, handshakes } = this.#parts;
    await closeListener(
      server,
      () => table.accepted + handshakes.begun,
      () => this.#isOver(),
    );
  }

  drained(): Promise<void> {
    this.look();
    return this.#gone;
  }

  /** See whether anything is left. */
  look(): void {
    const { table, handshakes } = this.#parts;
    if (table.size > 0 || handshakes.size > 0) return;
    if (this.#step === 'draining') this.#end();
    if (this.#step === 'over') this.#allGone();
  }

  /** Cut what is left; how many requests and hijacked connections that was. Resolves when they are gone, or as good as. */
  async force(): Promise<number> {
    const { table } = this.#parts;
    const hijacked = table.unclaimed;
    const cut = table.requests;
    this.#dropped += cut;
    this.#parts.longLived.stop();
    this.#end();
    // All at once, so that nobody begins a request on one that waits to be cut.
    for (const connection of table) {
      if (connection.busy || connection.hijacked || connection.end === undefined) connection.end = 'forced';
    }
    // It may still be looking for a quiet turn, which it gives up now.
    await this.closeListener();
    this.look();
    await Promise.race([this.#cut(), this.#gone]);
    return cut + hijacked;
  }

  evidence(): Evidence {
    return {
      requests: {
        inFlightAtStart: this.#inFlightAtStart,
        servedInLameDuck: this.#servedInLameDuck,
        served: this.#served,
        dropped: this.#dropped,
      },
      // What is open when all is over is cut, by us or by the exit.
      connections: this.#isOver()
        ? { ...this.#ends, forced: this.#ends.forced + this.#parts.table.size }
        : this.#ends,
      traffic: {
        connections: this.#parts.table.accepted - this.#acceptedBefore,
        lastConnectionMs: this.#lastConnectionAt - this.#begunAt,
        lastRequestMs: this.lastArrivalAt - this.#begunAt,
      },
    };
  }

  /** Cut connection after connection, few in each turn, so that hooks and the last words of others go on. */
  async #cut(): Promise<void> {
    const until = performance.now() + longestCutMs;
    let cuts = 0;
    for (const { socket } of this.#parts.table) {
      socket.destroy();
      if (++cuts % cutsPerTurn !== 0) continue;
      await turn();
      if (performance.now() > until) return;
    }
    for (const socket of this.#parts.handshakes) socket.destroy();
    this.look();
    await this.#gone;
  }

  #inFlight(): InFlight[] {
    const works: InFlight[] = [];
    for (const { socket, hijacked, session, busy, newest } of this.#parts.table) {
      if (hijacked) works.push(socket);
      else if (session) works.push(...session.streams);
      else if (busy && newest) works.push(newest);
    }
    return works;
  }

  #arrived(work: ServerResponse | ServerHttp2Stream): void {
    this.lastArrivalAt = performance.now();
    if (this.#step === 'lame-duck') this.#cameInLameDuck.add(work);
  }

  #answered(work: ServerResponse | ServerHttp2Stream): void {
    this.#served++;
    if (this.#cameInLameDuck.has(work)) this.#servedInLameDuck++;
  }

  #isOver(): boolean {
    return this.#step === 'over';
  }

  #end(): void {
    this.#step = 'over';
    stopChecking(this.#parts.server);
    this.#http1[Symbol.dispose]();
    this.#http2[Symbol.dispose]();
    this.#closing[Symbol.dispose]();
  }
}

/** Of a budget, how much idle connections may have: some is left for their ends, in milliseconds. */
function patienceWithin(budgetMs: number): number {
  return Math.max(budgetMs / 2, budgetMs - 1_000);
}

function isSocket(work: InFlight): work is Socket {
  return 'remotePort' in work;
}

/** Who ended a connection that nobody here has let go. */
function endOf({ socket, hijacked }: Connection): ConnectionEnd {
  if (socket.readableEnded || socket.errored !== null) return 'client';
  // By the app, in the words of another protocol.
  if (hijacked) return 'told';
  // Without having seen the other side's end: by Node's own keep-alive timeout, or by the app.
  return 'idle';
}
