import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  Http2ServerRequest,
  IncomingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { HttpServer } from '../http-server.js';
import {
  type Connection,
  type ConnectionCounts,
  ConnectionTable,
  type ConnectionWatch,
} from './connection.js';
import { Departure, type DepartureTimes } from './departure.js';
import type { Activity, Drainable, Evidence } from './drainable.js';
import { Eviction, type IdleOptions } from './eviction.js';
import { Handshakes } from './handshakes.js';
import { Session, socketOf } from './http2/session.js';
import type { LongLived } from './long-lived/long-lived.js';
import { type Dispatch, intercept, type RequestEvent } from './intercept.js';

// On the session itself: to ask it for its socket costs several times as much, with every request.
const key: unique symbol = Symbol('graceful.connection');
type TrackedSession = ServerHttp2Session & { [key]?: Connection };
type TrackedStream = ServerHttp2Stream & { [key]?: Connection };

/** Whoever answers what is not the app's business, such as probes; each says whether it did. */
interface Answers {
  answer(request: IncomingMessage, response: ServerResponse): boolean;
  answerStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean;
}

/** What a {@link ServerDrain} is given. */
export interface ServerDrainParts {
  readonly name: string;
  readonly server: HttpServer;
  /** Read when the lame-duck begins: it may change until then. */
  readonly drain: DepartureTimes;
  /** When idle connections are closed while it serves; `undefined`: as Node does. */
  readonly idle: Required<IdleOptions> | undefined;
  readonly watch: ConnectionWatch;
  readonly answers: Answers;
  readonly longLived: LongLived;
  readonly onError: (error: unknown) => void;
  readonly onListening: () => void;
  /** The server was closed while nobody was leaving: it is not to be drained any more. */
  readonly onClosed: () => void;
}

/**
 * An HTTP server that can be drained, whatever its clients speak: HTTP/1.1 or
 * HTTP/2, plain or over TLS. While it serves, it does no more than count; how
 * it leaves is in `departure.ts`, and costs nothing before that.
 */
export class ServerDrain implements Drainable {
  readonly name: string;
  readonly #parts: ServerDrainParts;
  readonly #table: ConnectionTable;
  readonly #handshakes: Handshakes;
  #interception: Disposable | undefined;
  readonly #onResponseClose: (this: ServerResponse) => void;
  readonly #onProbeClose: (this: ServerResponse) => void;
  readonly #onStreamClose: (this: ServerHttp2Stream) => void;
  readonly #onProbeStreamClose: (this: ServerHttp2Stream) => void;
  #eviction: Eviction | undefined;
  #departure: Departure | undefined;

  constructor(parts: ServerDrainParts) {
    const { name, watch } = parts;
    this.name = name;
    this.#parts = parts;
    this.#table = new ConnectionTable(watch, (connection) => this.#departure?.connectionClosed(connection));
    this.#handshakes = new Handshakes(() => this.#departure?.look());
    this.#onResponseClose = endOf((response) => {
      const connection = this.#end(response);
      if (connection) this.#departure?.requestEnded(connection, response);
    });
    this.#onProbeClose = endOf((response) => {
      const connection = this.#end(response);
      if (connection) connection.probes--;
    });
    this.#onStreamClose = endOf((stream) => this.#endStream(stream, true));
    this.#onProbeStreamClose = endOf((stream) => this.#endStream(stream, false));
  }

  /**
   * Begin to count.
   *
   * @throws {@link GracefulError} `ERR_GRACEFUL_SERVER` when another graceful counts already
   */
  install(): void {
    const { server, idle, onListening, onClosed } = this.#parts;
    this.#interception = intercept(server, {
      connection: (socket) => {
        // In this order: between the two the connection must not be in neither.
        this.#becameQuiet(this.#table.of(socket));
        this.#handshakes.done(socket);
        this.#eviction?.connectionBegun();
        this.#departure?.connectionBegun(socket);
      },
      handshake: (socket) => {
        this.#handshakes.add(socket);
        this.#departure?.handshakeBegun(socket);
      },
      session: (session) => this.#sessionOf(session),
      stream: (stream, headers) => this.#onStream(stream, headers),
      request: (event, request, response, dispatch) => this.#onRequest(event, request, response, dispatch),
      timeout: (socket) => this.#departure?.timedOut(this.#table.of(socket)) ?? false,
      hijack: (socket) => this.#table.hijack(this.#table.of(socket)),
      listening: () => (this.#departure ? void this.#departure.closeListener() : onListening()),
      close: () => {
        if (!this.#departure) onClosed();
      },
    });
    if (idle) this.#eviction = new Eviction({ ...idle, server, table: this.#table });
  }

  get connections(): ConnectionCounts {
    return this.#table.counts;
  }

  /** Know of a connection that was accepted before the server was attached. */
  adoptConnection(socket: Socket): void {
    this.#becameQuiet(this.#table.of(socket));
  }

  /** The same of a session of HTTP/2. */
  adoptSession(session: ServerHttp2Session): void {
    if (!session.destroyed) this.#sessionOf(session);
  }

  /** Take a request that was dispatched before the server was attached; true if it was answered, as a probe is. */
  adoptRequest(request: IncomingMessage | Http2ServerRequest, response: ServerResponse): boolean {
    if ('stream' in request) return this.#onStream(request.stream, request.headers);
    const connection = this.#table.of(request.socket);
    if (this.#answersItself(connection, request, response)) return true;
    this.#begin(connection, response);
    return false;
  }

  lameDuck(): void {
    this.#stopEvicting();
    const { drain } = this.#parts;
    this.#departure = new Departure({
      ...this.#parts,
      ...drain,
      table: this.#table,
      handshakes: this.#handshakes,
    });
  }

  stopAccepting(budgetMs: number = Infinity): Promise<void> {
    return this.#departing().stopAccepting(budgetMs);
  }

  hurry(remainingMs: number): void {
    this.#departure?.hurry(remainingMs);
  }

  drained(): Promise<void> {
    return this.#departing().drained();
  }

  force(): Promise<number> {
    return this.#departing().force();
  }

  activity(): Activity {
    const pending = this.#table.requests;
    const departure = this.#departure;
    if (!departure) return { pending, lastArrivalAt: -Infinity };
    return { pending, longLived: departure.longLived, lastArrivalAt: departure.lastArrivalAt };
  }

  evidence(): Evidence | undefined {
    return this.#departure?.evidence();
  }

  /** Leave the server as it was before. */
  [Symbol.dispose](): void {
    this.#stopEvicting();
    this.#interception?.[Symbol.dispose]();
  }

  #stopEvicting(): void {
    this.#eviction?.[Symbol.dispose]();
    this.#eviction = undefined;
  }

  #departing(): Departure {
    if (!this.#departure) this.lameDuck();
    return this.#departure as Departure;
  }

  // Runs for every request. What is not needed before the departure is done there.
  #onRequest(
    event: RequestEvent,
    request: IncomingMessage,
    response: ServerResponse,
    dispatch: Dispatch,
  ): boolean {
    const connection = this.#table.of(request.socket);
    // One that was told, or evicted, cannot be answered on any more.
    if (this.#departure ? this.#departure.refuses(connection) : connection.end !== undefined) {
      request.resume();
      return true;
    }
    if (this.#answersItself(connection, request, response)) return true;
    this.#begin(connection, response);
    if (!this.#departure) return false;
    // Not handed on as it is parsed, but once the rest of what has come is parsed
    // too: a handler that answers at once would not know of a request behind it.
    process.nextTick(dispatch, event, request, response);
    return true;
  }

  /** What is no work of the app makes its connection busy all the same. */
  #answersItself(connection: Connection, request: IncomingMessage, response: ServerResponse): boolean {
    if (!this.#parts.answers.answer(request, response)) return false;
    connection.probes++;
    this.#table.begin(connection);
    connection.newest = response;
    response.on('close', this.#onProbeClose);
    this.#departure?.tell(connection, response);
    return true;
  }

  #begin(connection: Connection, response: ServerResponse): void {
    this.#table.begin(connection);
    connection.newest = response;
    response.on('close', this.#onResponseClose);
    this.#eviction?.requestBegun(connection, response);
    this.#departure?.requestBegun(connection, response);
  }

  #end(response: ServerResponse): Connection | undefined {
    const connection = this.#table.known(response.req.socket);
    // Another graceful has taken its server since.
    if (!connection) return undefined;
    this.#table.end(connection);
    // A body that is still coming in tells later that the connection is not quite quiet.
    if (connection.newest === response && response.req.complete) connection.newest = undefined;
    this.#becameQuiet(connection);
    return connection;
  }

  #becameQuiet(connection: Connection): void {
    // Nobody else asks, and a clock read for each request would cost more than all the counting.
    if (this.#departure || this.#eviction) connection.quietSince = performance.now();
  }

  /** The connection of a session; one that began before anybody looked is met here. */
  #sessionOf(http2: TrackedSession): Connection {
    const known = http2[key];
    return known?.table === this.#table ? known : this.#meetSession(http2);
  }

  #meetSession(http2: TrackedSession): Connection {
    const connection = this.#table.of(socketOf(http2));
    http2[key] = connection;
    if (!connection.session) {
      connection.session = new Session(http2);
      this.#departure?.sessionBegun(connection);
    }
    return connection;
  }

  #onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
    const { session: http2 } = stream;
    // The client took it back before anybody heard of it.
    if (!http2 || stream.destroyed) return false;
    const connection = this.#sessionOf(http2 as ServerHttp2Session);
    const session = connection.session as Session;
    const isProbe = this.#parts.answers.answerStream(stream, headers);
    this.#table.begin(connection);
    session.begin(stream);
    (stream as TrackedStream)[key] = connection;
    if (isProbe) connection.probes++;
    stream.on('close', isProbe ? this.#onProbeStreamClose : this.#onStreamClose);
    this.#departure?.streamBegun(connection, stream, !isProbe);
    return isProbe;
  }

  #endStream(stream: ServerHttp2Stream, isWork: boolean): void {
    // It stays the stream's own when the session has gone before it.
    const connection = (stream as TrackedStream)[key];
    if (!connection) return;
    connection.session?.streams.delete(stream);
    if (!isWork) connection.probes--;
    this.#table.end(connection);
    this.#becameQuiet(connection);
    this.#departure?.streamEnded(connection, stream, isWork);
  }
}

/** A listener for the `close` of responses: one for all of them, where a closure for each would cost with every request. */
function endOf<Response extends object>(end: (response: Response) => void): (this: Response) => void {
  return function () {
    end(this);
  };
}
