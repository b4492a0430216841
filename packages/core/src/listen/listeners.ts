import { closeSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { HttpServer } from '../http-server.js';
import { assertAddress, type ListenAddress, listenOn } from './listen.js';
import { findInherited, type InheritedSocket } from './inherited.js';
import { UnixPath } from './unix-path.js';

/** A server that is about to listen. */
export interface PendingListen {
  readonly name: string;
  readonly server: HttpServer;
  /** That of the probes: it listens whether the app does or not. */
  readonly ofProbes: boolean;
}

/** A server that listens, and the socket it listens on. */
export interface ListeningSocket extends Omit<InheritedSocket, 'sameService'> {
  readonly server: HttpServer;
  /** Whether its path outlives this process where another goes on listening; true for TCP. */
  readonly keepsPath: boolean;
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

interface Open {
  readonly server: HttpServer;
  readonly name: string;
  readonly backlog: number;
  readonly path: UnixPath | undefined;
}

/** Node's default. */
const defaultBacklog = 511;

/**
 * Lets servers listen: on a socket that this process was given, where there
 * is one for the address, else on one of their own. It keeps what listens, so
 * that it can be handed on; who asks for that is not known here.
 */
export class Listeners implements Disposable {
  readonly #inherited: InheritedSocket[];
  readonly #open = new Map<HttpServer, Open>();
  readonly #watchers = new Set<() => void>();
  #gate: ((pending: PendingListen) => Promise<void>) | undefined;
  #pending = 0;
  #handedOver = false;
  readonly #releaseAll = () => this[Symbol.dispose]();

  constructor(inherited: readonly InheritedSocket[]) {
    this.#inherited = [...inherited];
  }

  /** Calls of `listen` that have begun and not ended, but for that of the probes. */
  get pending(): number {
    return this.#pending;
  }

  get unclaimed(): readonly InheritedSocket[] {
    return this.#inherited;
  }

  /** Further sockets to adopt; one that is known already, by its descriptor, is told more exactly. */
  inherit(sockets: readonly InheritedSocket[]): void {
    for (const socket of sockets) {
      const known = this.#inherited.findIndex(({ fd }) => fd === socket.fd);
      this.#inherited.splice(known === -1 ? this.#inherited.length : known, known === -1 ? 0 : 1, socket);
    }
  }

  /** Close what nobody adopted: connections must not queue where nobody accepts them. */
  dropUnclaimed(): void {
    for (const { fd, path, sameService } of this.#inherited.splice(0)) {
      closeSync(fd);
      // That of another giver is its own to remove.
      if (path !== undefined && isInFileSystem(path) && sameService) UnixPath.adopt(path).release();
    }
  }

  /** Ask `gate` before a server listens. */
  hold(gate: (pending: PendingListen) => Promise<void>): Disposable {
    this.#gate = gate;
    return {
      [Symbol.dispose]: () => {
        if (this.#gate === gate) this.#gate = undefined;
      },
    };
  }

  /** Hear that something began to listen, or is about to. */
  onChange(watcher: () => void): Disposable {
    this.#watchers.add(watcher);
    return { [Symbol.dispose]: () => void this.#watchers.delete(watcher) };
  }

  /**
   * Let `server` listen. Resolves when connections are accepted.
   *
   * @throws GracefulError `ERR_GRACEFUL_OPTION`, `ERR_GRACEFUL_PORT_IN_USE`, `ERR_GRACEFUL_LISTEN`
   */
  async listen(server: HttpServer, address: ListenAddress, as: ListenAs): Promise<void> {
    assertAddress(address);
    const { name, ofProbes = false } = as;
    if (!ofProbes) this.#pending++;
    try {
      // A turn: whoever gates is told of a service after it was made, and its probes listen at once.
      await Promise.resolve();
      const permitted = this.#gate?.({ name, server, ofProbes });
      this.#changed();
      await permitted;
      await as.after?.();
      await this.#listen(server, address, as);
    } finally {
      if (!ofProbes) this.#pending--;
      this.#changed();
    }
  }

  /** What listens, of those that were opened here and those in `others`. */
  listening(others: Iterable<readonly [name: string, server: HttpServer]>): ListeningSocket[] {
    const own = [...this.#open.values()].map((open) =>
      describe(open.name, open.server, open.backlog, open.path),
    );
    const found = [...others]
      .filter(([, server]) => server.listening && !this.#open.has(server))
      .map(([name, server]) => describe(name, server, defaultBacklog, undefined));
    return [...own, ...found].filter((socket) => socket !== undefined);
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

  /** Nothing listens here any more. */
  [Symbol.dispose](): void {
    process.off('exit', this.#releaseAll);
    for (const server of this.#open.keys()) this.#closed(server);
  }

  async #listen(server: HttpServer, address: ListenAddress, { name, named }: ListenAs): Promise<void> {
    const { path, backlog } = address;
    const inherited = findInherited(this.#inherited, { ...address, name, named });
    if (inherited) {
      // Before it is tried: a second server must not try the same one.
      this.#inherited.splice(this.#inherited.indexOf(inherited), 1);
      const queue = backlog ?? inherited.backlog ?? longestQueue();
      await listenOn(server, [{ fd: inherited.fd }, queue], `descriptor ${inherited.fd} (${inherited.name})`);
      const { path: at } = inherited;
      if (at !== undefined) namePath(server, at);
      this.#keep(server, name, queue, at !== undefined && isInFileSystem(at) ? UnixPath.adopt(at) : undefined);
      return;
    }
    const queue = backlog ?? defaultBacklog;
    if (path === undefined || !isInFileSystem(path)) {
      const where = path ?? `${address.host ?? '*'}:${address.port}`;
      await listenOn(server, [address], where);
      this.#keep(server, name, queue, undefined);
      return;
    }
    const claim = await UnixPath.claim(path);
    // First of all who hear of it: the path must lead here by then.
    const onListening = () => {
      claim.take();
      namePath(server, path);
    };
    server.prependOnceListener('listening', onListening);
    try {
      await listenOn(server, [{ ...address, path: claim.temporary }], path);
    } catch (error) {
      server.off('listening', onListening);
      throw error;
    }
    this.#keep(server, name, queue, claim);
  }

  #keep(server: HttpServer, name: string, backlog: number, path: UnixPath | undefined): void {
    if (path) namePath(server, path.path);
    this.#open.set(server, { server, name, backlog, path });
    server.once('close', () => this.#closed(server));
    if (path && !process.listeners('exit').includes(this.#releaseAll)) process.on('exit', this.#releaseAll);
  }

  #closed(server: HttpServer): void {
    const open = this.#open.get(server);
    if (!open) return;
    this.#open.delete(server);
    if (this.#handedOver) open.path?.giveAway();
    else open.path?.release();
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

/** Abstract sockets of Linux, and the pipes of Windows, are in no folder. */
function isInFileSystem(path: string): boolean {
  return !path.startsWith('\0') && process.platform !== 'win32';
}

/** Where `address()` has the path from; the descriptor of another, and a temporary name, do not tell it. */
function namePath(server: HttpServer, path: string): void {
  (server as { _pipeName?: string })._pipeName = path;
}

/** `listen()` sets the length of the queue for everybody who has the socket: it must not become shorter. */
function longestQueue(): number {
  try {
    return Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8')) || defaultBacklog;
  } catch {
    return defaultBacklog;
  }
}

function describe(
  name: string,
  server: HttpServer,
  backlog: number,
  path: UnixPath | undefined,
): ListeningSocket | undefined {
  // No public way leads to it.
  const { _handle } = server as unknown as { _handle?: { fd?: number } | null };
  const fd = _handle?.fd;
  // A worker of a cluster has none: its primary listens.
  if (fd === undefined || fd < 0) return undefined;
  const address: AddressInfo | string | null = server.address();
  if (typeof address === 'string') {
    return {
      name,
      server,
      fd,
      kind: 'unix',
      path: address,
      backlog,
      keepsPath: path !== undefined || !isInFileSystem(address),
    };
  }
  return {
    name,
    server,
    fd,
    kind: 'tcp',
    ...(address && { host: address.address, port: address.port }),
    backlog,
    keepsPath: true,
  };
}
