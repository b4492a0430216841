import { Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { ConnectionCounts, ConnectionWatch } from './drain/connection.js';
import { HttpDrain } from './drain/http1/http-drain.js';
import { GracefulError, shown } from './errors.js';
import { expectName } from './expect.js';
import { findServers } from './listen/find-servers.js';
import { type ListenAddress, listen } from './listen/listen.js';

/** What the servers of one service share. */
export interface AttachedServersParts {
  readonly idleMs: number;
  readonly watch: ConnectionWatch;
  readonly answer: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly onListening: () => void;
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
  #named = 0;

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
    const isNew = !this.has(server);
    const attached = this.attach(server, name);
    try {
      await listen(server, address);
    } catch (error) {
      if (isNew) attached[Symbol.dispose]();
      throw error;
    }
  }

  adoptRequest(request: IncomingMessage, response: ServerResponse): void {
    const { server } = request.socket as Socket & { server?: unknown };
    // A request that came through no server, as frameworks inject in tests.
    if (!isHttpServer(server)) return;
    this.attach(server);
    this.#attached.get(server)?.drain.adoptRequest(request, response);
  }

  find(isOurs: (server: HttpServer) => boolean): void {
    const finder = findServers({
      isOurs,
      found: (server) => void this.attach(server),
      connection: (socket, server) => this.#meet(socket, server),
    });
    this.#finders.push(finder);
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
      onClosed: () => this.#detach(server),
    });
    const membership = this.#parts.addDrain(drain);
    try {
      drain.install();
    } catch (error) {
      membership[Symbol.dispose]();
      throw error;
    }
    this.#attached.set(server, { drain, membership });
    for (const socket of this.#strangers.get(server) ?? []) drain.adoptConnection(socket);
    this.#strangers.delete(server);
    if (server.listening) onListening();
  }

  #detach(server: HttpServer): void {
    const attached = this.#attached.get(server);
    if (!attached) return;
    this.#attached.delete(server);
    attached.drain[Symbol.dispose]();
    attached.membership[Symbol.dispose]();
  }

  #meet(socket: Socket, server: HttpServer): void {
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

function isHttpServer(server: unknown): server is HttpServer {
  return server instanceof HttpServer || server instanceof HttpsServer;
}

function assertHttpServer(server: unknown): asserts server is HttpServer {
  if (isHttpServer(server)) return;
  throw new GracefulError(
    'ERR_GRACEFUL_SERVER',
    `Expected a server of node:http or node:https, got ${shown(server)}. ` +
      'Anything else that holds work can take part through drains().',
  );
}
