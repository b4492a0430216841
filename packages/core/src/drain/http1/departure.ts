import type { Server, ServerResponse } from 'node:http';
import type { Connection, ConnectionEnd, ConnectionTable } from '../connection.js';
import type { Evidence } from '../drainable.js';
import { closeListener } from './close-listener.js';
import type { Handshakes } from './handshakes.js';
import { halfClose, lingerForBody } from './linger.js';
import { Patience } from './patience.js';
import { sayClose } from './say-close.js';

/** What a departure is made of. */
export interface HttpDepartureParts {
  readonly server: Server;
  readonly table: ConnectionTable;
  readonly handshakes: Handshakes;
  /** How long an idle connection may still be used after the lame-duck, in milliseconds. */
  readonly idleMs: number;
}

/** `closing`: no longer lame-duck, and the listener is not closed yet. */
type Step = 'lame-duck' | 'closing' | 'draining' | 'over';

/** What Node itself answers to a request head that does not end in time. */
const headTimedOut = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

/**
 * How an HTTP/1.1 server leaves: from the lame-duck on the last response of
 * each connection says so, then the listener closes, then connections end as
 * they become quiet, and at last whoever is left is cut.
 */
export class HttpDeparture {
  readonly #parts: HttpDepartureParts;
  readonly #begunAt = performance.now();
  readonly #inFlightAtStart: number;
  readonly #ends: Record<ConnectionEnd, number> = { told: 0, idle: 0, client: 0, forced: 0 };
  readonly #cameInLameDuck = new WeakSet<ServerResponse>();
  #step: Step = 'lame-duck';
  #patience: Patience | undefined;
  #served = 0;
  #servedInLameDuck = 0;
  #dropped = 0;
  /** Resolves when the listener is closed and no connection is left. */
  readonly #gone: Promise<void>;
  #allGone: () => void = () => {};
  /** When the last request came; at first, when the departure began. */
  lastArrivalAt: number = this.#begunAt;

  constructor(parts: HttpDepartureParts) {
    this.#parts = parts;
    this.#inFlightAtStart = parts.table.requests;
    this.#gone = new Promise((resolve) => {
      this.#allGone = resolve;
    });
    for (const connection of parts.table) {
      const { newest } = connection;
      if (newest && connection.busy) this.tell(connection, newest);
    }
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

  /** Let `response` be the last of its connection, unless another request is pipelined behind it by then. */
  tell(connection: Connection, response: ServerResponse): void {
    if (response.headersSent) return;
    const isLast = () => connection.newest === response;
    sayClose(response, isLast, () => {
      connection.end = 'told';
      lingerForBody(connection.socket, response.req);
    });
  }

  requestBegun(connection: Connection, response: ServerResponse): void {
    this.lastArrivalAt = performance.now();
    if (this.#step === 'lame-duck') this.#cameInLameDuck.add(response);
    this.tell(connection, response);
  }

  requestEnded(connection: Connection, response: ServerResponse): void {
    // Node calls a response finished, too, whose connection went away under it.
    if (connection.closed || connection.socket.destroyed || !response.writableFinished) return;
    this.#served++;
    if (this.#cameInLameDuck.has(response)) this.#servedInLameDuck++;
    this.#patience?.becameQuiet(connection);
  }

  connectionClosed(connection: Connection): void {
    this.#ends[connection.end ?? endOf(connection)]++;
    this.look();
  }

  /** Close the listener, and begin to end what is quiet. */
  async stopAccepting(): Promise<void> {
    const { server, table, handshakes, idleMs } = this.#parts;
    const lameDuckEndedAt = performance.now();
    this.#step = 'closing';
    await this.closeListener();
    // The budget may have been spent meanwhile.
    if (this.#isOver()) return;
    this.#step = 'draining';
    this.#patience = new Patience({
      server,
      table,
      handshakes,
      begunAt: this.#begunAt,
      latestAt: lameDuckEndedAt + idleMs,
      letGo: (connection, why) => this.#letGo(connection, why),
    });
  }

  /** For a server that begins to listen while the service is leaving, too. */
  async closeListener(): Promise<void> {
    if (this.#step === 'lame-duck') return;
    const { server, table, handshakes } = this.#parts;
    await closeListener(server, () => table.accepted + handshakes.begun);
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

  /** Cut what is left; how many requests and hijacked connections that was. Resolves when they are gone. */
  async force(): Promise<number> {
    const { table, handshakes } = this.#parts;
    const hijacked = table.counts.hijacked;
    const cut = table.requests;
    this.#dropped += cut;
    this.#end();
    for (const connection of table) {
      if (connection.busy || connection.end === undefined) connection.end = 'forced';
      connection.socket.destroy();
    }
    for (const socket of handshakes) socket.destroy();
    this.look();
    await this.#gone;
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
      connections: this.#ends,
    };
  }

  #letGo(connection: Connection, why: 'idle' | 'stalled'): void {
    connection.end = why === 'idle' ? 'idle' : 'forced';
    if (why === 'stalled') connection.socket.write(headTimedOut);
    halfClose(connection.socket);
  }

  #isOver(): boolean {
    return this.#step === 'over';
  }

  #end(): void {
    this.#step = 'over';
    this.#patience?.[Symbol.dispose]();
  }
}

/** Who ended a connection that nobody here has let go. */
function endOf({ socket, hijacked }: Connection): ConnectionEnd {
  if (socket.readableEnded || socket.errored !== null) return 'client';
  // By the app, in the words of another protocol.
  if (hijacked) return 'told';
  // Without having seen the other side's end: by Node's own keep-alive timeout, or by the app.
  return 'idle';
}
