import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { ConnectionCounts } from './drain/connection.js';
import { ServerDrain, type ServerDrainParts } from './drain/server-drain.js';
import { GracefulError, shown } from './errors.js';
import { expectServerName } from './expect.js';
import { type HttpServer, isHttp2Server, isHttpServer, speaksOverTls } from './http-server.js';
import type { CalledWith } from './listen/diverted-listen.js';
import { findServers, hearListenCalls } from './listen/find-servers.js';
import type { ListenAddress } from './listen/listen.js';
import type { Listeners } from './listen/listeners.js';

/** What the servers of one service share. */
export interface AttachedServersParts extends Omit<ServerDrainParts, 'name' | 'server' | 'onClosed'> {
  /** Whether a server is one of our own, such as that of the probes: it is no part of the drain. */
  readonly isOwn: (server: HttpServer) => boolean;
  readonly listeners: Listeners;
  /** Let the server take part in the drain; the handle takes it out again. */
  readonly addDrain: (drain: ServerDrain) => Disposable;
}

interface Attached {
  readonly name: string;
  /** By the user. */
  readonly named: boolean;
  readonly drain: ServerDrain;
  readonly membership: Disposable;
}

/** Connections that nobody counts yet. */
interface Strangers extends Disposable {
  readonly sockets: Set<Socket>;
  readonly sessions: Set<ServerHttp2Session>;
}

/** The HTTP servers of one service: those that the user attached, and those that were found. */
export class AttachedServers implements Disposable {
  readonly #parts: AttachedServersParts;
  readonly #attached = new Map<HttpServer, Attached>();
  readonly #finders: ((server: HttpServer) => boolean)[] = [];
  readonly #installed: Disposable[] = [];
  /** Connections to servers that have not been recognised yet. */
  readonly #strangers = new Map<HttpServer, Strangers>();
  /** Servers that listen and may be what a framework serves with. */
  readonly #unrecognised = new Set<HttpServer>();
  /** Closed ones that may listen again. */
  readonly #awaited = new WeakSet<HttpServer>();
  #named = 0;
  #disposed = false;

  constructor(parts: AttachedServersParts) {
    this.#parts = parts;
    this.#installed.push(hearListenCalls((server, options) => this.#onListenCalled(server, options)));
  }

  has(server: unknown): boolean {
    return this.#attached.has(server as HttpServer);
  }

  /**
   * @throws {@link GracefulError} `ERR_GRACEFUL_SERVER`
   */
  attach(server: HttpServer, name?: string): Disposable {
    assertHttpServer(server);
    if (name !== undefined) expectServerName('`name` of a server', name);
    if (!this.#attached.has(server)) this.#attach(server, name ?? this.#nextName(), name !== undefined);
    return {
      [Symbol.dispose]: () => {
        this.#awaited.delete(server);
        this.#detach(server);
      },
    };
  }

  /**
   * Attach `server` and let it listen. If it cannot, everything is as it was, for another try.
   *
   * @param after - what else must be there before it listens
   * @throws {@link GracefulError} `ERR_GRACEFUL_SERVER`, and those of {@link Listeners.listen}
   */
  async listen(
    server: HttpServer,
    address: ListenAddress,
    name: string | undefined,
    after: () => Promise<void> | undefined,
  ): Promise<void> {
    if (server.listening) {
      throw new GracefulError(
        'ERR_GRACEFUL_LISTEN',
        'Expected a server that does not listen yet, got one that does. Use attach() for it.',
      );
    }
    const isNew = !this.has(server);
    const attached = this.attach(server, name);
    try {
      await this.#parts.listeners.listen(server, address, {
        name: this.#attached.get(server)?.name ?? '',
        named: this.#attached.get(server)?.named ?? false,
        after,
      });
    } catch (error) {
      if (isNew) attached[Symbol.dispose]();
      throw error;
    }
  }

  /** True if the request was answered, as a probe is. */
  adoptRequest(request: IncomingMessage, response: ServerResponse): boolean {
    const { server } = request.socket as Socket & { server?: unknown };
    // A request that came through no server, as frameworks inject in tests.
    if (!isHttpServer(server)) return this.#parts.answers.answer(request, response);
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
        this.#strangersOf(server);
      },
      connection: (socket, server) => this.#meet(socket, server),
    });
    this.#finders.push(isOurs);
    this.#installed.push(finder);
  }

  /**
   * Nobody has been recognised, and the service is about to leave: then those
   * that listen are what it serves with, in a wrapping that hides whose they are.
   */
  adoptUnrecognised(): void {
    if (this.#attached.size > 0) return;
    for (const server of this.#unrecognised) if (server.listening) this.attach(server);
  }

  /** All of them, with their names. */
  *named(): Iterable<readonly [name: string, server: HttpServer]> {
    for (const [server, { name }] of this.#attached) yield [name, server];
  }

  get connections(): ConnectionCounts {
    const total: ConnectionCounts = { new: 0, active: 0, idle: 0, hijacked: 0, closed: 0 };
    for (const { drain } of this.#attached.values()) {
      const counts = drain.connections;
      for (const state of Object.keys(total) as (keyof ConnectionCounts)[]) total[state] += counts[state];
    }
    return total;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#unrecognised.clear();
    for (const server of this.#strangers.keys()) this.#forgetStrangers(server);
    for (const installed of this.#installed.splice(0)) installed[Symbol.dispose]();
    for (const { drain, membership } of this.#attached.values()) {
      drain[Symbol.dispose]();
      membership[Symbol.dispose]();
    }
  }

  #attach(server: HttpServer, name: string, named: boolean): void {
    const drain = new ServerDrain({
      ...this.#parts,
      name,
      server,
      onClosed: () => this.#onClosed(server, name, named),
    });
    const membership = this.#parts.addDrain(drain);
    try {
      drain.install();
    } catch (error) {
      membership[Symbol.dispose]();
      throw error;
    }
    this.#attached.set(server, { name, named, drain, membership });
    this.#unrecognised.delete(server);
    const strangers = this.#strangers.get(server);
    this.#forgetStrangers(server);
    for (const socket of strangers?.sockets ?? []) drain.adoptConnection(socket);
    for (const session of strangers?.sessions ?? []) drain.adoptSession(session);
    if (server.listening) this.#parts.onListening();
  }

  /** A closed server is let go, so that one for each test does not pile up; one may listen again, though. */
  #onClosed(server: HttpServer, name: string, named: boolean): void {
    this.#detach(server);
    this.#awaited.add(server);
    server.once('listening', () => {
      if (!this.#awaited.delete(server) || this.#disposed || this.has(server)) return;
      try {
        this.#attach(server, name, named);
      } catch (error) {
        // Its name has been given to another meanwhile, or it has another graceful.
        this.#parts.onError(error);
      }
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
    const attached = this.#attached.get(server);
    const strangers = attached ? undefined : this.#strangersOf(server);
    // The socket under TLS carries no request: as a connection it would always look idle, and be cut.
    if (speaksOverTls(server)) return;
    attached?.drain.adoptConnection(socket);
    if (!strangers) return;
    const { sockets } = strangers;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  }

  #strangersOf(server: HttpServer): Strangers {
    const known = this.#strangers.get(server);
    if (known) return known;
    const sessions = new Set<ServerHttp2Session>();
    const onSession = (session: ServerHttp2Session) => {
      sessions.add(session);
      session.once('close', () => sessions.delete(session));
    };
    // Of a socket nothing tells later which session is over it.
    if (isHttp2Server(server)) server.on('session', onSession);
    const onClose = () => this.#forgetStrangers(server);
    server.once('close', onClose);
    const strangers: Strangers = {
      sockets: new Set(),
      sessions,
      [Symbol.dispose]: () => {
        server.off('session', onSession);
        server.off('close', onClose);
      },
    };
    this.#strangers.set(server, strangers);
    return strangers;
  }

  #forgetStrangers(server: HttpServer): void {
    this.#unrecognised.delete(server);
    this.#strangers.get(server)?.[Symbol.dispose]();
    this.#strangers.delete(server);
  }

  /** Somebody has called `listen()` of `server`, which may be ours, or would be found a moment later. */
  #onListenCalled(server: HttpServer, options: CalledWith): void {
    const attached = this.#attached.get(server);
    if (!attached && !this.#finders.some((isOurs) => isOurs(server))) return;
    this.#parts.listeners.divert(server, options, {
      name: attached?.name ?? nameOf(this.#named + 1),
      named: attached?.named ?? false,
      after: () => this.#assertNotDisposed(),
    });
  }

  #assertNotDisposed(): undefined {
    if (!this.#disposed) return;
    throw new GracefulError(
      'ERR_GRACEFUL_LISTEN',
      'Expected a service that goes on, got one that was uninstalled before its server could listen.',
    );
  }

  #nextName(): string {
    this.#named++;
    return nameOf(this.#named);
  }
}

/** Of the server that was attached as the `count`th. */
function nameOf(count: number): string {
  return count === 1 ? 'http' : `http ${count}`;
}

function assertHttpServer(server: unknown): asserts server is HttpServer {
  if (isHttpServer(server)) return;
  throw new GracefulError(
    'ERR_GRACEFUL_SERVER',
    `Expected a server of node:http, node:https or node:http2, got ${shown(server)}. ` +
      'Anything else that holds work can take part through drains().',
  );
}
