import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import {
  type Connection,
  type ConnectionCounts,
  ConnectionTable,
  type ConnectionWatch,
} from '../connection.js';
import type { Activity, Drainable, Evidence } from '../drainable.js';
import { HttpDeparture } from './departure.js';
import { Handshakes } from './handshakes.js';
import { type Dispatch, intercept, type RequestEvent } from './intercept.js';

/** What an {@link HttpDrain} is given. */
export interface HttpDrainParts {
  readonly name: string;
  readonly server: Server;
  /** How long an idle connection may still be used after the lame-duck, in milliseconds. */
  readonly idleMs: number;
  readonly watch: ConnectionWatch;
  /** Answer what is not the app's business, such as a probe; false to leave it to the app. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly onListening: () => void;
  /** The server was closed while nobody was leaving: it is not to be drained any more. */
  readonly onClosed: () => void;
}

/**
 * An HTTP/1.1 server (plain or TLS) that can be drained. While it serves, it
 * does no more than count; how it leaves is in `departure.ts`, and costs
 * nothing before that.
 */
export class HttpDrain implements Drainable {
  readonly name: string;
  readonly #parts: HttpDrainParts;
  readonly #table: ConnectionTable;
  readonly #handshakes: Handshakes;
  #interception: Disposable | undefined;
  readonly #onResponseClose: (this: ServerResponse) => void;
  readonly #onProbeClose: (this: ServerResponse) => void;
  #departure: HttpDeparture | undefined;

  constructor(parts: HttpDrainParts) {
    const { name, watch } = parts;
    this.name = name;
    this.#parts = parts;
    this.#table = new ConnectionTable(watch, (connection) => this.#departure?.connectionClosed(connection));
    this.#handshakes = new Handshakes(() => this.#departure?.look());
    this.#onResponseClose = endOf((response) => {
      const connection = this.#end(response);
      this.#departure?.requestEnded(connection, response);
    });
    this.#onProbeClose = endOf((response) => {
      this.#end(response).probes--;
    });
  }

  /**
   * Begin to count.
   *
   * @throws {@link GracefulError} `ERR_GRACEFUL_SERVER` when another graceful counts already
   */
  install(): void {
    const { server, onListening, onClosed } = this.#parts;
    this.#interception = intercept(server, {
      connection: (socket) => {
        // In this order: between the two the connection must not be in neither.
        this.#table.of(socket);
        this.#handshakes.done(socket);
      },
      handshake: (socket) => this.#handshakes.add(socket),
      request: (event, request, response, dispatch) => this.#onRequest(event, request, response, dispatch),
      hijack: (socket) => this.#table.hijack(this.#table.of(socket)),
      listening: () => (this.#departure ? void this.#departure.closeListener() : onListening()),
      close: () => {
        if (!this.#departure) onClosed();
      },
    });
  }

  get connections(): ConnectionCounts {
    return this.#table.counts;
  }

  /** Know of a connection that was accepted before the server was attached. */
  adoptConnection(socket: Socket): void {
    this.#table.of(socket);
  }

  /** Take a request that was dispatched before the server was attached; true if it was answered, as a probe is. */
  adoptRequest(request: IncomingMessage, response: ServerResponse): boolean {
    const connection = this.#table.of(request.socket);
    if (this.#answersItself(connection, request, response)) return true;
    this.#begin(connection, response);
    return false;
  }

  lameDuck(): void {
    this.#departure = new HttpDeparture({
      server: this.#parts.server,
      table: this.#table,
      handshakes: this.#handshakes,
      idleMs: this.#parts.idleMs,
    });
  }

  stopAccepting(): Promise<void> {
    return this.#departing().stopAccepting();
  }

  drained(): Promise<void> {
    return this.#departing().drained();
  }

  force(): Promise<number> {
    return this.#departing().force();
  }

  activity(): Activity {
    return { pending: this.#table.requests, lastArrivalAt: this.#departure?.lastArrivalAt ?? -Infinity };
  }

  evidence(): Evidence | undefined {
    return this.#departure?.evidence();
  }

  /** Leave the server as it was before. */
  [Symbol.dispose](): void {
    this.#interception?.[Symbol.dispose]();
  }

  #departing(): HttpDeparture {
    if (!this.#departure) this.lameDuck();
    return this.#departure as HttpDeparture;
  }

  // Runs for every request. What is not needed before the departure is done there.
  #onRequest(
    event: RequestEvent,
    request: IncomingMessage,
    response: ServerResponse,
    dispatch: Dispatch,
  ): boolean {
    const connection = this.#table.of(request.socket);
    if (this.#departure?.refuses(connection)) {
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
    if (!this.#parts.answer(request, response)) return false;
    connection.probes++;
    this.#table.begin(connection, response);
    response.on('close', this.#onProbeClose);
    this.#departure?.tell(connection, response);
    return true;
  }

  #begin(connection: Connection, response: ServerResponse): void {
    this.#table.begin(connection, response);
    response.on('close', this.#onResponseClose);
    this.#departure?.requestBegun(connection, response);
  }

  #end(response: ServerResponse): Connection {
    const connection = this.#table.of(response.req.socket);
    this.#table.end(connection, response);
    if (this.#departure) connection.quietSince = performance.now();
    return connection;
  }
}

/** A listener for the `close` of responses: one for all of them, where a closure for each would cost with every request. */
function endOf(end: (response: ServerResponse) => void): (this: ServerResponse) => void {
  return function () {
    end(this);
  };
}
