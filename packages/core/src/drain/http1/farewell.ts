import type { ServerResponse } from 'node:http';
import type { Http1Side } from '../../http-server.js';
import type { Connection, ConnectionTable } from '../connection.js';
import type { Handshakes } from '../handshakes.js';
import { halfClose } from '../linger.js';
import { Patience } from './patience.js';
import type { Pace } from './pace.js';
import { tellLast } from './tell-last.js';

/** What the farewell of HTTP/1.1 is given. */
export interface Http1FarewellParts {
  readonly server: Http1Side;
  readonly table: ConnectionTable;
  readonly handshakes: Handshakes;
  readonly pace: Pace;
}

/** What Node itself answers to a request head that does not end in time. */
const headTimedOut = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

/**
 * How HTTP/1.1 connections are let go: the last response of each says
 * `Connection: close`; one that has none to come is closed when the promise
 * of its server to keep it alive has run out.
 */
export class Http1Farewell implements Disposable {
  readonly #parts: Http1FarewellParts;
  readonly #patience: Patience;

  constructor(parts: Http1FarewellParts) {
    this.#parts = parts;
    this.#patience = new Patience({ ...parts, begunAt: performance.now(), letGo });
    for (const connection of parts.table) {
      const { newest } = connection;
      if (newest && connection.busy) this.tell(connection, newest);
    }
  }

  /**
   * Let `response` be the last of its connection, if its head is still to come.
   *
   * @param mayTell - whether it is the turn of its client
   */
  tell(
    connection: Connection,
    response: ServerResponse,
    mayTell: () => boolean = () => this.#parts.pace.next(connection),
  ): void {
    if (!response.headersSent) tellLast(connection, response, mayTell);
  }

  becameQuiet(connection: Connection): void {
    this.#patience.becameQuiet(connection);
  }

  /** Node's own timer for `connection` has run out; whether that is seen to here. */
  timedOut(connection: Connection): boolean {
    return this.#patience.expired(connection);
  }

  /** The lame-duck is over, and the listener closed: begin to end what is quiet: at `latestAt` what is idle, at `endsAt` also what was answered late. */
  leave(latestAt: number, endsAt: number): void {
    this.#patience.leave(latestAt, endsAt);
  }

  /** The last idle connection is to go at `endsAt` already. */
  hurry(endsAt: number): void {
    this.#patience.hurry(endsAt);
  }

  [Symbol.dispose](): void {
    this.#patience[Symbol.dispose]();
  }
}

function letGo(connection: Connection, why: 'idle' | 'stalled'): void {
  connection.end = why === 'idle' ? 'idle' : 'forced';
  if (why === 'stalled') connection.socket.write(headTimedOut);
  halfClose(connection.socket);
}
