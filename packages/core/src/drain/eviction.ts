import type { ServerResponse } from 'node:http';
import type { HttpServer } from '../http-server.js';
import type { Connection, ConnectionTable } from './connection.js';
import { midMessage } from './http1/mid-message.js';
import { tellLast } from './http1/tell-last.js';
import { sayGoaway } from './http2/say-goaway.js';
import { halfClose } from './linger.js';

/** When idle connections are closed while the service is serving. */
export interface IdleOptions {
  /**
   * A connection that has carried nothing for so long is closed, in
   * milliseconds. Clients of HTTP/1.1 are told: the server's
   * `keepAliveTimeout` is lowered to it. Those of HTTP/2 get GOAWAY.
   *
   * @defaultValue never, but for the server's `keepAliveTimeout`
   */
  readonly evictAfterMs?: number;
  /**
   * Of more connections than these, per server, the longest idle are closed;
   * where too few have been idle for a second, the next responses say `Connection: close`. One
   * that carries a request is never cut, so it is no hard limit;
   * `server.maxConnections` of Node is one.
   *
   * @defaultValue no limit
   */
  readonly maxConnections?: number;
}

/** What an eviction is given. */
export interface EvictionParts extends Required<IdleOptions> {
  readonly server: HttpServer;
  readonly table: ConnectionTable;
}

/** Node closes an idle connection of HTTP/1.1 so long after its promise, in milliseconds; whom it leaves is closed here. */
const marginMs = 1_500;
/** How often it is looked for connections that have been idle for too long, in milliseconds. */
const shortestLookMs = 50;
const longestLookMs = 10_000;

/** One that carried something so lately, in milliseconds, may be about to carry more: it is told, and not closed. */
const restMs = 1_000;

/** Closes idle connections while the service is serving. */
export class Eviction implements Disposable {
  readonly #parts: EvictionParts;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #promisedMs: number | undefined;
  #trim: NodeJS.Immediate | undefined;
  #trimLater: NodeJS.Timeout | undefined;
  /** How many connections have yet to be told, as there were too few idle ones. */
  #toTell = 0;

  constructor(parts: EvictionParts) {
    this.#parts = parts;
    const { server, evictAfterMs } = parts;
    if (evictAfterMs === Infinity) return;
    const lookMs = Math.max(shortestLookMs, Math.min(evictAfterMs / 4, longestLookMs));
    this.#timer = setInterval(() => this.#evictLongIdle(), lookMs).unref();
    // What it promises is what it keeps: Node closes them then, and says so beforehand (`Keep-Alive: timeout=…`).
    if (!('keepAliveTimeout' in server)) return;
    this.#promisedMs = server.keepAliveTimeout;
    server.keepAliveTimeout = Math.min(server.keepAliveTimeout || Infinity, evictAfterMs);
  }

  connectionBegun(): void {
    const { table, maxConnections } = this.#parts;
    if (table.size <= maxConnections) return;
    // Once for all that came together.
    this.#trim ??= setImmediate(() => {
      this.#trim = undefined;
      this.#makeRoom();
    });
  }

  /** Tell the client that answers next, if there are still too many. */
  requestBegun(connection: Connection, response: ServerResponse): void {
    if (this.#toTell === 0) return;
    const { table, maxConnections } = this.#parts;
    // Others may have left by themselves.
    this.#toTell = Math.min(this.#toTell, Math.max(0, table.size - maxConnections));
    const mayTell = () => this.#toTell > 0;
    tellLast(connection, response, mayTell, () => this.#toTell--);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    clearImmediate(this.#trim);
    clearTimeout(this.#trimLater);
    const { server, evictAfterMs } = this.#parts;
    // Somebody else may have set it since.
    if (this.#promisedMs === undefined || !('keepAliveTimeout' in server)) return;
    if (server.keepAliveTimeout === evictAfterMs) server.keepAliveTimeout = this.#promisedMs;
  }

  #makeRoom(): void {
    const { table, maxConnections } = this.#parts;
    const excess = table.size - maxConnections;
    if (excess <= 0) return;
    const latest = performance.now() - restMs;
    const evicted = this.#idle()
      .filter((connection) => since(connection) <= latest)
      .toSorted((one, other) => since(one) - since(other))
      .slice(0, excess);
    for (const connection of evicted) evict(connection);
    this.#toTell = excess - evicted.length;
    if (this.#toTell === 0 || this.#trimLater) return;
    // Those who are idle by then were too young now.
    this.#trimLater = setTimeout(() => {
      this.#trimLater = undefined;
      this.#makeRoom();
    }, restMs).unref();
  }

  #evictLongIdle(): void {
    const latest = performance.now() - this.#parts.evictAfterMs;
    for (const connection of this.#idle()) {
      const isNodes = connection.used && !connection.session;
      if (since(connection) <= latest - (isNodes ? marginMs : 0)) evict(connection);
    }
  }

  #idle(): Connection[] {
    const { server, table } = this.#parts;
    const receiving = midMessage(server);
    return [...table].filter(
      ({ busy, hijacked, end, socket }) => !busy && !hijacked && end === undefined && !receiving(socket),
    );
  }
}

function since({ quietSince }: Connection): number {
  return quietSince ?? -Infinity;
}

function evict(connection: Connection): void {
  connection.end = 'idle';
  if (connection.session) sayGoaway(connection);
  else halfClose(connection.socket);
}
