import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionCounts, ConnectionWatch } from './drain/connection.js';
import { HttpDrain } from './drain/http1/http-drain.js';
import { GracefulError, shown } from './errors.js';
import { expectName } from './expect.js';
import { isHttpServer, speaksOverTls } from './http-server.js';
import { findServers } from './listen/find-servers.js';
import { type ListenAddress, listen } from './listen/listen.js';

/** What the servers of one service share. */
export interface AttachedServersParts {
  readonly idleMs: number;
  readonly watch: ConnectionWatch;
  readonly answer: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly onListening: () => void;
  /** Whether a server is one of our own, such as that of the probes: it is no part of the drain. */
  readonly isOwn: (server: HttpServer) => boolean;
  /** Let the server take part in the drain; the handle takes it out again. */
  readonly addDrain: (drain: HttpDrain) => Disposable;
}

interface Attached {
  readonly drain: HttpDrain;
  readonly membership: Disposable;
}

/** The HTTP servers of one service: those that the user attached, and those that were found. */
export class AttachedServers implements Disposable {
  readonly #parts: AttachedServersParts;
  readonly #attached = new Map<HttpServer, Attached>();
  readonly #finders: Disposable[] = [];
  /** Connections to servers that have not been recognised yet. */
  readonly #strangers = new WeakMap<HttpServer, Set<Socket>>();
  /** Servers that listen and may be what a framework serves with. */
  readonly #unrecognised = new Set<HttpServer>();
  #named = 0;
  #disposed = false;

  constructor(parts: AttachedServersParts) {
    this.#parts = parts;
  }

  has(server: unknown): boolean {
    return this.#attached.has(server as HttpServer);
  }

  /**
   * @throws {@link GracefulError} `ERR_GRACEFUL_SERVER`
   */
  attach(server: HttpServer, name?: string): Disposable {
    assertHttpServer(server);
    if (name !== undefined) expectName('`name` of a server', name);
    if (!this.#attached.has(server)) this.#attach(server, name ?? this.#nextName());
    return { [Symbol.dispose]: () => this.#detach(server) };
  }

  /**
   * Attach `server` and let it listen. If it cannot, everything is as it was, for another try.
   *
   * @throws {@link GracefulError} `ERR_GRACEFUL_SERVER`, and those of {@link listen}
   */
  async listen(server: HttpServer, address: ListenAddress, name?: string): Promise<void> {
    if (server.listening) {
      throw new GracefulError(
        'ERR_GRACEFUL_LISTEN',
        'Expected a server that does not listen yet, got one that does. Use attach() for it.',
      );
    }
    const isNew = !this.has(server);
    const attached = this.attach(server, name);
    try {
      await listen(server, address);
    } catch (error) {
      if (isNew) attached[Symbol.dispose]();
      throw error;
    }
  }

  /** True if the request was answered, as a probe is. */
  adoptRequest(request: IncomingMessage, response: ServerResponse): boolean {
    const { server } = request.socket as Socket & { server?: unknown };
    // A request that came through no server, as frameworks inject in tests.
    if (!isHttpServer(server)) return this.#parts.answer(request, response);
    this.attach(server);
    return this.#attached.get(server)?.drain.adoptRequest(request, response) ?? false;
  }

  find(isOurs: (server: HttpServer) => boolean): void {
    const finder = findServers({
      isOurs,
      found: (server) => void this.attach(server),
      notFound: (server) => {
        if (this.#parts.isOwn(server)) return;
        this.#unrecognised.add(server);
        server.once('close', () => this.#unrecognised.delete(server));
      },
      connection: (socket, server) => this.#meet(socket, server),
    });
    this.#finders.push(finder);
  }

  /**
   * Nobody has been recognised, and the service is about to leave: then those
   * that listen are what it serves with, in a wrapping that hides whose they are.
   */
  adoptUnrecognised(): void {
    if (this.#attached.size > 0) return;
    for (const server of this.#unrecognised) if (server.listening) this.attach(server);
  }

  get connections(): ConnectionCounts {
    const total: ConnectionCounts = { new: 0, active: 0, idle: 0, hijacked: 0, closed: 0 };
    for (const { drain } of this.#attached.values()) {
      for (const state of Object.keys(total) as (keyof ConnectionCounts)[])
        total[state] += drain.connections[state];
    }
    return total;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#unrecognised.clear();
    for (const finder of this.#finders.splice(0)) finder[Symbol.dispose]();
    for (const { drain, membership } of this.#attached.values()) {
      drain[Symbol.dispose]();
      membership[Symbol.dispose]();
    }
  }

  #attach(server: HttpServer, name: string): void {
    const { idleMs, watch, answer, onListening } = this.#parts;
    const drain = new HttpDrain({
      name,
      server,
      idleMs,
      watch,
      answer,
      onListening,
      onClosed: () => this.#onClosed(server, name),
    });
    const membership = this.#parts.addDrain(drain);
    try {
      drain.install();
    } catch (error) {
      membership[Symbol.dispose]();
      throw error;
    }
    this.#attached.set(server, { drain, membership });
    this.#unrecognised.delete(server);
    for (const socket of this.#strangers.get(server) ?? []) drain.adoptConnection(socket);
    this.#strangers.delete(server);
    if (server.listening) onListening();
  }

  /** A closed server is let go, so that one for each test does not pile up; one may listen again, though. */
  #onClosed(server: HttpServer, name: string): void {
    this.#detach(server);
    server.once('listening', () => {
      if (!this.#disposed && !this.has(server)) this.#attach(server, name);
    });
  }

  #detach(server: HttpServer): void {
    const attached = this.#attached.get(server);
    if (!attached) return;
    this.#attached.delete(server);
    attached.drain[Symbol.dispose]();
    attached.membership[Symbol.dispose]();
  }

  #meet(socket: Socket, server: HttpServer): void {
    // The socket under TLS carries no request: as a connection it would always look idle, and be cut.
    if (speaksOverTls(server)) return;
    const attached = this.#attached.get(server);
    if (attached) {
      attached.drain.adoptConnection(socket);
      return;
    }
    const strangers = this.#strangers.get(server) ?? new Set();
    this.#strangers.set(server, strangers);
    strangers.add(socket);
    socket.once('close', () => strangers.delete(socket));
  }

  #nextName(): string {
    this.#named++;
    return this.#named === 1 ? 'http' : `http ${this.#named}`;
  }
}

function assertHttpServer(server: unknown): asserts server is HttpServer {
  if (isHttpServer(server)) return;
  throw new GracefulError(
    'ERR_GRACEFUL_SERVER',
    `Expected a server of node:http or node:https, got ${shown(server)}. ` +
      'Anything else that holds work can take part through drains().',
  );
}
