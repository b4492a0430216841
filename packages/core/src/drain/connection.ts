import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

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
  /** The response to the newest request: the last one, as far as anybody knows. */
  newest: ServerResponse | undefined;
  /**
   * When it was accepted, or, once the service is leaving, when its last response was flushed.
   * In between `undefined`: a clock read for each request would cost more than all the counting.
   */
  quietSince: number | undefined = performance.now();
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

  [Symbol.iterator](): Iterator<Connection> {
    return this.#open.values();
  }

  /** The connection over `socket`; one that was accepted before anybody looked is met here. */
  of(socket: Socket): Connection {
    const known = (socket as TrackedSocket)[key];
    // One of another table was left behind when its server was detached.
    return known?.table === this ? known : this.#meet(socket);
  }

  /** A request came on `connection`, and `response` is to answer it. */
  begin(connection: Connection, response: ServerResponse): void {
    const before = this.#before(connection);
    connection.requests++;
    connection.used = true;
    connection.newest = response;
    if (before !== undefined) this.#tell(connection, before);
  }

  /** `response` was wholly flushed, or given up. */
  end(connection: Connection, response: ServerResponse): void {
    const before = this.#before(connection);
    connection.requests--;
    // A body that is still coming in tells later that the connection is not quite quiet.
    if (connection.newest === response && response.req.complete) connection.newest = undefined;
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
    socket.on('close', onSocketClose);
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

// One function for all sockets: a closure for each would double what a connection costs.
function onSocketClose(this: TrackedSocket): void {
  const connection = this[key];
  connection?.table.close(connection);
}
