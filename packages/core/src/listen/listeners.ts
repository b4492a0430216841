import cluster from 'node:cluster';
import { closeSync, readFileSync } from 'node:fs';
import { GracefulError } from '../errors.js';
import type { HttpServer } from '../http-server.js';
import { addressOf, type CalledWith, divertListen, type Target, undivertListen } from './diverted-listen.js';
import { findInherited } from './find-inherited.js';
import type { InheritedSocket } from './inherited.js';
import { assertAddress, type ListenAddress, listenOn } from './listen.js';
import { beforeListenerEnds } from './listener-end.js';
import { type ListeningSocket, listeningSocket, type Opened } from './listening-socket.js';
import { isInFileSystem, UnixPath } from './unix-path.js';

/** A server that is about to listen. */
export interface PendingListen {
  /** What it is called. */
  readonly name: string;
  /** The server itself. */
  readonly server: HttpServer;
  /** That of the probes: it listens whether the app does or not. */
  readonly ofProbes: boolean;
}

/** How a server is called, and by whom. */
export interface ListenAs {
  readonly name: string;
  /** Whether the user chose the name. */
  readonly named: boolean;
  readonly ofProbes?: boolean;
  /** What else must be there before it listens. */
  readonly after?: () => Promise<void> | undefined;
}

/** Lets a server listen, on something else perhaps than it was asked to. */
type Begin = (target: Target) => void;

/** Node's default. */
const defaultBacklog = 511;

/**
 * Lets servers listen: on a socket that this process was given, where there
 * is one for the address, else on one of their own. It keeps what listens, so
 * that it can be handed on; who asks for that is not known here.
 */
export class Listeners {
  readonly #inherited: InheritedSocket[];
  readonly #claimed = new Set<number>();
  readonly #open = new Map<HttpServer, Opened>();
  readonly #watchers = new Set<() => void>();
  /** The options of our own calls of `server.listen()`. */
  readonly #own = new WeakSet<object>();
  readonly #gates = new Set<(pending: PendingListen) => Promise<void>>();
  #pending = 0;
  #handedOver = false;

  constructor(inherited: readonly InheritedSocket[]) {
    this.#inherited = [...inherited];
  }

  /** Calls of `listen` that have begun and not ended, but for that of the probes. */
  get pending(): number {
    return this.#pending;
  }

  /** Inherited, and neither adopted nor dropped so far. */
  get unclaimed(): readonly InheritedSocket[] {
    return this.#inherited;
  }

  /** Further sockets to adopt; one that is known already, by its descriptor, is told more exactly. */
  inherit(sockets: readonly InheritedSocket[]): void {
    for (const socket of sockets) {
      if (this.#claimed.has(socket.fd)) continue;
      const known = this.#inherited.findIndex(({ fd }) => fd === socket.fd);
      if (known === -1) this.#inherited.push(socket);
      else this.#inherited[known] = socket;
    }
  }

  /** Close what nobody adopted: connections must not queue where nobody accepts them. */
  dropUnclaimed(): void {
    for (const { fd, path, ownsPath } of this.#inherited.splice(0)) {
      this.#claimed.add(fd);
      closeSync(fd);
      if (path !== undefined && ownsPath) UnixPath.adopt(path).release();
    }
  }

  /** Ask `gate` before a server listens; it may say no by rejecting. */
  hold(gate: (pending: PendingListen) => Promise<void>): Disposable {
    this.#gates.add(gate);
    return { [Symbol.dispose]: () => void this.#gates.delete(gate) };
  }

  /** Hear that something began to listen, or is about to. */
  onChange(watcher: () => void): Disposable {
    this.#watchers.add(watcher);
    return { [Symbol.dispose]: () => void this.#watchers.delete(watcher) };
  }

  /** Another process listens on the same sockets: paths stay when they close here. */
  handOver(): Disposable {
    this.#handedOver = true;
    return {
      [Symbol.dispose]: () => {
        this.#handedOver = false;
      },
    };
  }

  /** What listens, of those that were opened here and those in `others`. */
  listening(others: Iterable<readonly [name: string, server: HttpServer]>): ListeningSocket[] {
    const all = new Map<HttpServer, Opened>(this.#open);
    for (const [name, server] of others)
      if (!all.has(server)) all.set(server, { name, keepsPath: false, ownsPath: false });
    return [...all]
      .map(([server, opened]) => listeningSocket(server, opened))
      .filter((socket) => socket !== undefined);
  }

  /**
   * Let `server` listen. Resolves when connections are accepted.
   *
   * @throws {@link GracefulError} `ERR_GRACEFUL_OPTION`, `ERR_GRACEFUL_PORT_IN_USE`, `ERR_GRACEFUL_LISTEN`
   */
  async listen(server: HttpServer, address: ListenAddress, as: ListenAs): Promise<void> {
    assertAddress(address);
    await this.#listen(server, address, as, (target) => this.#call(server, address, target));
  }

  /** Somebody else has called `server.listen()`: let it go the same way, where that makes a difference. */
  divert(server: HttpServer, options: CalledWith, as: ListenAs): void {
    undivertListen(server);
    if (this.#own.has(options)) return;
    const address = addressOf(options);
    if (!address || !this.#concerns(address, as)) return;
    divertListen(server, options, (begin, backlog) => {
      const asked = { ...address, ...(backlog && { backlog }) };
      void this.#listenFor(server, asked, as, begin);
    });
  }

  /** What was diverted ends as it would have with Node: in events. */
  async #listenFor(server: HttpServer, address: ListenAddress, as: ListenAs, begin: Begin): Promise<void> {
    let told = false;
    const onError = () => {
      told = true;
    };
    server.prependOnceListener('error', onError);
    try {
      await this.#listen(server, address, as, begin);
    } catch (error) {
      if (told) return;
      // Whoever called it knows what Node would have said.
      const said = error instanceof GracefulError && error.cause ? error.cause : error;
      process.nextTick(() => server.emit('error', said));
    } finally {
      server.off('error', onError);
    }
  }

  async #listen(server: HttpServer, address: ListenAddress, as: ListenAs, begin: Begin): Promise<void> {
    const { name, ofProbes = false } = as;
    if (!ofProbes) this.#pending++;
    try {
      // A turn: whoever gates is told of a service after it was made, and its probes listen at once.
      await Promise.resolve();
      const permitted = Promise.all([...this.#gates].map((gate) => gate({ name, server, ofProbes })));
      this.#changed();
      await permitted;
      await as.after?.();
      await this.#adoptOrBind(server, address, as, begin);
    } finally {
      if (!ofProbes) this.#pending--;
      this.#changed();
    }
  }

  async #adoptOrBind(server: HttpServer, address: ListenAddress, as: ListenAs, begin: Begin): Promise<void> {
    const inherited = findInherited(this.#inherited, { ...as, ...address });
    if (inherited) await this.#adopt(server, inherited, address, as.name, begin);
    else if (needsClaim(address.path))
      await this.#bindPath(server, { ...address, path: address.path }, as.name, begin);
    else {
      const where = address.path ?? `${address.host ?? '*'}:${address.port}`;
      const backlog = address.backlog ?? defaultBacklog;
      await listenOn(
        server,
        () => begin('as asked'),
        where,
        () => this.#keep(server, { name: as.name, backlog }),
      );
    }
  }

  async #adopt(
    server: HttpServer,
    { fd, name, port, ownsPath, ...inherited }: InheritedSocket,
    wanted: ListenAddress,
    as: string,
    begin: Begin,
  ): Promise<void> {
    // Before it is tried, and for good: Node closes what it cannot listen on.
    this.#claimed.add(fd);
    this.#inherited.splice(
      this.#inherited.findIndex((socket) => socket.fd === fd),
      1,
    );
    // Where the system did not tell, because whoever bound it has renamed it, for one.
    const path = inherited.path ?? wanted.path;
    const backlog = wanted.backlog ?? inherited.backlog ?? longestQueue();
    await listenOn(
      server,
      () => begin({ fd, backlog }),
      `descriptor ${fd}, inherited as "${name}",`,
      () => {
        if (path !== undefined) namePath(server, path);
        if (port !== undefined) assertPortIs(server, port, fd, name);
        const own = path !== undefined && ownsPath ? UnixPath.adopt(path) : undefined;
        this.#keep(server, { name: as, backlog, path: own, keepsPath: true });
      },
    );
  }

  async #bindPath(
    server: HttpServer,
    { path, backlog = defaultBacklog }: ListenAddress & { readonly path: string },
    name: string,
    begin: Begin,
  ): Promise<void> {
    const claim = await UnixPath.claim(path);
    await listenOn(
      server,
      () => begin({ path: claim.temporary }),
      path,
      () => {
        claim.take();
        namePath(server, path);
        this.#keep(server, { name, backlog, path: claim, keepsPath: true });
      },
    );
  }

  #keep(
    server: HttpServer,
    { path, ...known }: { name: string; backlog: number; path?: UnixPath | undefined; keepsPath?: boolean },
  ): void {
    this.#open.set(server, { keepsPath: false, ownsPath: path !== undefined, ...known });
    beforeListenerEnds(server, () => {
      this.#open.delete(server);
      if (!this.#handedOver) path?.release();
    });
  }

  #call(server: HttpServer, address: ListenAddress, target: Target): void {
    const options =
      target === 'as asked' ? { ...address } : 'fd' in target ? { fd: target.fd } : { ...address, ...target };
    this.#own.add(options);
    // Beside a descriptor Node hears of the queue only as an argument of its own.
    if (typeof target === 'object' && 'fd' in target)
      server.listen(options as never, target.backlog as never);
    else server.listen(options);
  }

  #concerns(address: ListenAddress, as: ListenAs): boolean {
    return (
      this.#gates.size > 0 ||
      needsClaim(address.path) ||
      findInherited(this.#inherited, { ...as, ...address }) !== undefined
    );
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

/** Of workers of a cluster the primary binds one socket for all, by the path they name. */
function needsClaim(path: string | undefined): path is string {
  return path !== undefined && isInFileSystem(path) && !cluster.isWorker;
}

/** Where `address()` has the path from; the descriptor of another, and a temporary name, do not tell it. */
function namePath(server: HttpServer, path: string): void {
  (server as { _pipeName?: string })._pipeName = path;
}

/** A descriptor that became another on its way would serve where nobody expects it. */
function assertPortIs(server: HttpServer, port: number, fd: number, name: string): void {
  const address = server.address();
  const found = typeof address === 'object' ? address?.port : address;
  if (found === port) return;
  throw new GracefulError(
    'ERR_GRACEFUL_INHERITED',
    `Expected descriptor ${fd}, inherited as "${name}", to listen on port ${port}, got ${found ?? 'another kind of socket'}. A program in between has changed it.`,
  );
}

/** `listen()` sets the length of the queue for everybody who has the socket: it must not become shorter. */
function longestQueue(): number {
  try {
    return Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8')) || defaultBacklog;
  } catch {
    return defaultBacklog;
  }
}
