import { connect as connectTcp, type NetConnectOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Exchange, type Line } from './exchange.js';
import type { RawRequest } from './request.js';
import { type RawResponse, ResponseParser } from './response-parser.js';

/** Where a service listens. */
export interface Address {
  /** A name, or an address. */
  readonly host: string;
  /** The TCP port. */
  readonly port: number;
  /** It speaks TLS; any certificate will do. */
  readonly tls: boolean;
  /** Of a Unix socket; host and port then mean nothing. */
  readonly path?: string;
}

/** What Node's own `connect` is to be given. */
export function endpointOf({ host, port, path }: Address): NetConnectOpts {
  return path === undefined ? { host, port } : { path };
}

/** How a connection ended, as the client saw it. */
export interface ConnectionEnd {
  /** `server`: it ended its side in order. `reset`: it did not. `client`: we closed first. `nonsense`: what it sent was not HTTP. */
  readonly how: 'server' | 'reset' | 'client' | 'nonsense';
  /** In words. */
  readonly detail: string;
  /** By `performance.now()`. */
  readonly at: number;
}

/** What a client does that not every client does. */
export interface Manners {
  /** Never close our side, though the server has closed its own. */
  readonly stubborn?: boolean;
}

/** No connection came about, so no request can have been lost on it. */
export class ConnectError extends Error {
  /** Tells it apart where classes do not. */
  override readonly name = 'ConnectError';
  /** As Node gives it: `ECONNREFUSED`, … */
  readonly code: string;

  constructor(code: string, options: ErrorOptions) {
    super(`no connection: ${code}`, options);
    this.code = code;
  }
}

/** A connection of a client that never retries, and that notes what became of every request. */
export class Connection {
  /** By `performance.now()`. */
  readonly openedAt: number = performance.now();
  /** Every request that was begun here, in order. */
  readonly exchanges: Exchange[] = [];
  /** Resolves when it has ended, whoever ended it. */
  readonly closed: Promise<ConnectionEnd>;
  readonly #socket: Socket;
  readonly #onAnswer: () => void;
  readonly #manners: Manners;
  readonly #pending: Exchange[] = [];
  readonly #parser: ResponseParser;
  readonly #line: Line;
  #resolveClosed!: (end: ConnectionEnd) => void;
  #end: ConnectionEnd | undefined;
  #told = false;

  /**
   * Connect.
   *
   * @throws {@link ConnectError}
   */
  static async open(
    address: Address,
    manners: Manners = {},
    onAnswer: () => void = () => {},
  ): Promise<Connection> {
    const { tls } = address;
    // The certificate of the fixture is signed by itself.
    const options = {
      ...endpointOf(address),
      allowHalfOpen: manners.stubborn ?? false,
      rejectUnauthorized: false,
    };
    const socket = tls ? connectTls(options) : connectTcp(options);
    await new Promise<void>((resolve, reject) => {
      socket.once(tls ? 'secureConnect' : 'connect', resolve);
      socket.once('error', (error: NodeJS.ErrnoException) => {
        reject(new ConnectError(error.code ?? error.message, { cause: error }));
      });
      socket.once('close', () => reject(new ConnectError('closed in the handshake', {})));
    });
    return new Connection(socket, manners, onAnswer);
  }

  /** Over a socket that is open already, and that nobody else reads. */
  static over(socket: Socket, onAnswer: () => void = () => {}): Connection {
    return new Connection(socket, {}, onAnswer);
  }

  private constructor(socket: Socket, manners: Manners, onAnswer: () => void) {
    this.#socket = socket;
    this.#onAnswer = onAnswer;
    this.#manners = manners;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    const usable = (): boolean => this.usable;
    this.#line = {
      get usable() {
        return usable();
      },
      begins: (exchange) => {
        this.exchanges.push(exchange);
        this.#pending.push(exchange);
      },
      write: (bytes) => void socket.write(bytes),
    };
    this.#parser = new ResponseParser({
      method: () => this.#pending[0] && (this.#pending[0].request.method ?? 'GET'),
      head: (response) => this.#onHead(response),
      whole: (response) => this.#onWhole(response),
    });
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('end', () => {
      this.#parser.end();
      this.#close('server', 'the server closed');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => this.#close('reset', error.code ?? error.message));
    socket.on('close', () => this.#close('reset', 'closed without a word'));
  }

  /** How it ended, or `undefined` while it is open. */
  get end(): ConnectionEnd | undefined {
    return this.#end;
  }

  /** The last answer said `Connection: close`: nothing may be asked here any more. */
  get told(): boolean {
    return this.#told;
  }

  /** Whether a client would ask here once more. */
  get usable(): boolean {
    return !this.#told && this.#end === undefined;
  }

  /** A request of which nothing is sent yet. */
  draft(request: RawRequest): Exchange {
    return new Exchange(request, this.#line);
  }

  /** Send a request whole. */
  send(request: RawRequest): Exchange {
    return this.draft(request).send();
  }

  /** Send a request whole, and wait for its answer. */
  ask(request: RawRequest): Promise<RawResponse> {
    return this.send(request).answer();
  }

  /** Send several requests as one piece; of the last one leave `unsentBytes` out. */
  pipeline(requests: readonly RawRequest[], unsentBytes = 0): Exchange[] {
    const exchanges = requests.map((request) => this.draft(request));
    const parts = exchanges.map((exchange, index) => {
      const { bytes } = exchange.wire;
      return index === exchanges.length - 1 ? bytes.subarray(0, bytes.length - unsentBytes) : bytes;
    });
    if (!this.usable) throw new Error('this connection has ended; a client would not ask here');
    exchanges.forEach((exchange, index) => exchange.noteSent(parts[index]?.length ?? 0));
    this.#socket.write(Buffer.concat(parts));
    return exchanges;
  }

  /** Resolves when all that was sent has been handed to the kernel, or the connection has ended. */
  async flushed(): Promise<void> {
    if (this.#end || !this.#socket.writableNeedDrain) return;
    const drained = new Promise<void>((resolve) => this.#socket.once('drain', resolve));
    await Promise.race([drained, this.closed]);
  }

  /** Stop reading; what the server sends piles up in the buffers of both kernels. */
  pause(): void {
    this.#socket.pause();
  }

  /** Read on. */
  resume(): void {
    this.#socket.resume();
  }

  /** Close our side, as a client does that needs the connection no more. */
  close(): void {
    this.#close('client', 'closed by the client');
    this.#socket.end();
  }

  /** Leave nothing behind. */
  destroy(): void {
    this.#close('client', 'dropped by the client');
    this.#socket.destroy();
  }

  #onData(bytes: Buffer): void {
    try {
      this.#parser.feed(bytes);
    } catch (error) {
      this.#close('nonsense', String(error));
      this.#socket.destroy();
    }
  }

  #onHead(response: RawResponse): void {
    this.#pending[0]?.headCame(response);
  }

  #onWhole(response: RawResponse): void {
    this.#told = response.saysClose;
    this.#pending.shift()?.answered();
    this.#onAnswer();
    // What comes behind a last answer will not be answered here (RFC 9112 9.6).
    if (this.#told) this.#endPending('the answer before it said Connection: close');
  }

  #close(how: ConnectionEnd['how'], detail: string): void {
    if (this.#end) return;
    this.#end = { how, detail, at: performance.now() };
    this.#endPending(detail);
    if (how === 'reset') this.#socket.destroy();
    if (how === 'server' && !this.#manners.stubborn) this.#socket.end();
    this.#resolveClosed(this.#end);
  }

  #endPending(why: string): void {
    for (const exchange of this.#pending.splice(0)) exchange.ended(why, this.#end?.how === 'client');
  }
}
