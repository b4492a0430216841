import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Session } from './http2/session.js';

/**
 * Go's ConnState (`net/http`), for Node. `new`: accepted, no request yet.
 * `active`: at least one request is in flight. `idle`: kept alive between
 * requests. `hijacked`: upgraded or tunnelled, no longer HTTP. `closed`: gone.
 */
export type ConnectionState = 'new' | 'active' | 'idle' | 'hijacked' | 'closed';

/** How many connections are in each state; `closed` counts those that have ended since the start. */
export type ConnectionCounts = Record<ConnectionState, number>;

/** What connections tell whoever watches them. */
export interface ConnectionEvents {
  /** A connection changed its state; `previous` is absent for `new`. */
  connection: { readonly state: ConnectionState; readonly previous?: ConnectionState };
}

/** Whoever watches connections. Asked before each event is made, as a state changes with every request. */
export interface ConnectionWatch {
  watched(): boolean;
  changed(event: ConnectionEvents['connection']): void;
}

/** Why a connection ended while the service was leaving; see `ConnectionEnds` of the report. */
export type ConnectionEnd = 'told' | 'idle' | 'client' | 'forced';

/** What is known of one open connection. Kept small: a service may have tens of thousands. */
export class Connection {
  readonly socket: Socket;
  readonly table: ConnectionTable;
  /** Requests begun on it whose responses are not wholly flushed; more than one when pipelined. */
  requests = 0;
  /** How many of them are probes, which are not the service's work. */
  probes = 0;
  /** Whether it has ever carried a request. */
  used = false;
  hijacked = false;
  closed = false;
  /** Over HTTP/1.1, the response to the newest request: the last one, as far as anybody knows. */
  newest: ServerResponse | undefined;
  /** Over HTTP/2, its session. */
  session: Session | undefined;
  /**
   * When it was accepted, or its last response was flushed; noted only while somebody closes idle
   * connections. A clock read for each request would cost more than all the counting.
   */
  quietSince: number | undefined;
  /** Why it is about to end, once that is known. */
  end: ConnectionEnd | undefined;

  constructor(socket: Socket, table: ConnectionTable) {
    this.socket = socket;
    this.table = table;
  }

  /** Whether it may not be closed, as somebody waits for a response. */
  get busy(): boolean {
    return this.requests > 0;
  }

  // Derived, not kept: it changes far more often than it is asked for.
  get state(): ConnectionState {
    if (this.closed) return 'closed';
    if (this.hijacked) return 'hijacked';
    if (this.busy) return 'active';
    return this.used ? 'idle' : 'new';
  }
}

// On the socket itself: a WeakMap costs several times as much, with every request.
const key: unique symbol = Symbol('graceful.connection');
type TrackedSocket = Socket & { [key]?: Connection };

/** Note why the connection over `socket` is about to end, if it is tracked; the last reason stands. */
export function noteEnd(socket: Socket, end: ConnectionEnd): void {
  const connection = (socket as TrackedSocket)[key];
  if (connection) connection.end = end;
}

const claimed = new WeakSet<Socket>();

/** Somebody else drains what is spoken over `socket` since its upgrade, and counts it where it is dropped. */
export function claim(socket: Socket): void {
  claimed.add(socket);
}

/** The open connections of one server. */
export class ConnectionTable implements Iterable<Connection> {
  readonly #open = new Set<Connection>();
  readonly #watch: ConnectionWatch;
  readonly #onClosed: (connection: Connection) => void;
  #closed = 0;
  /** How many were ever accepted. */
  accepted = 0;

  constructor(watch: ConnectionWatch, onClosed: (connection: Connection) => void) {
    this.#watch = watch;
    this.#onClosed = onClosed;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Counted when somebody asks, which is rare; keeping the counts would cost with every request. */
  get counts(): ConnectionCounts {
    const counts = { new: 0, active: 0, idle: 0, hijacked: 0, closed: this.#closed };
    for (const { state } of this.#open) counts[state]++;
    return counts;
  }

  /** Requests begun and not done, on all connections; probes left out. */
  get requests(): number {
    let total = 0;
    for (const { requests, probes } of this.#open) total += requests - probes;
    return total;
  }

  /** Upgraded connections that nobody else drains. */
  get unclaimed(): number {
    let total = 0;
    for (const { hijacked, socket } of this.#open) if (hijacked && !claimed.has(socket)) total++;
    return total;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#open.values();
  }

  /** The connection over `socket`; one that was accepted before anybody looked is met here. */
  of(socket: Socket): Connection {
    // One of another table was left behind when its server was detached.
    return this.known(socket) ?? this.#meet(socket);
  }

  /** The connection over `socket`, if it is one of these. */
  known(socket: Socket): Connection | undefined {
    const known = (socket as TrackedSocket)[key];
    return known?.table === this ? known : undefined;
  }

  /** A request came on `connection`. */
  begin(connection: Connection): void {
    const before = this.#before(connection);
    connection.requests++;
    connection.used = true;
    if (before !== undefined) this.#tell(connection, before);
  }

  /** The response to one was wholly flushed, or given up. */
  end(connection: Connection): void {
    const before = this.#before(connection);
    connection.requests--;
    if (before !== undefined) this.#tell(connection, before);
  }

  hijack(connection: Connection): void {
    const before = this.#before(connection);
    connection.hijacked = true;
    if (before !== undefined) this.#tell(connection, before);
  }

  close(connection: Connection): void {
    if (!this.#open.delete(connection)) return;
    const before = this.#before(connection);
    connection.closed = true;
    this.#closed++;
    if (before !== undefined) this.#tell(connection, before);
    this.#onClosed(connection);
  }

  #meet(socket: Socket): Connection {
    const connection = new Connection(socket, this);
    (socket as TrackedSocket)[key] = connection;
    // A socket that is closed already would never tell so.
    connection.closed = socket.destroyed;
    if (connection.closed) return connection;
    this.#open.add(connection);
    this.accepted++;
    hearOfEnd(socket);
    if (this.#watch.watched()) this.#watch.changed({ state: 'new' });
    return connection;
  }

  /** The state before a change, if anybody is to hear of it. */
  #before(connection: Connection): ConnectionState | undefined {
    return this.#watch.watched() ? connection.state : undefined;
  }

  #tell({ state }: Connection, previous: ConnectionState): void {
    if (state !== previous) this.#watch.changed({ state, previous });
  }
}

/**
 * Hear of the end of `socket`. A listener for `close` beside Node's own would
 * double what a connection costs: it is added when the end begins.
 */
function hearOfEnd(socket: Socket): void {
  // A stream of its own kind, which was handed to the server as if it were a socket.
  if (Object.hasOwn(socket, '_destroy')) socket.on('close', onSocketClose);
  else socket._destroy = destroyTracked;
}

// One function for all sockets, as is the next: a closure for each would cost as much again.
function destroyTracked(this: Socket, error: Error | null, done: (error?: Error | null) => void): void {
  // Before the responses on it hear that it has closed: they are not answered.
  this.prependListener('close', onSocketClose);
  const { _destroy: destroy } = Object.getPrototypeOf(this) as Socket;
  destroy.call(this, error, done);
}

function onSocketClose(this: TrackedSocket): void {
  const connection = this[key];
  connection?.table.close(connection);
}
