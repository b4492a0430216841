import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse, Http2Stream, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { GracefulError, shown } from '../../errors.js';
import { expectObject } from '../../expect.js';
import { noteEnd } from '../connection.js';
import { spanFor, Spread } from '../spread.js';
import { afterHead } from './after-head.js';
import { EventStream, isEventStream } from './event-stream.js';

/** A request, by what Node hands to its handler; a stream of HTTP/2; or a socket that was upgraded. */
export type Requested =
  | IncomingMessage
  | ServerResponse
  | Http2ServerRequest
  | Http2ServerResponse
  | Http2Stream
  | Duplex
  | FromFramework;

/** How Fastify hands them to its handlers. */
export interface FromFramework {
  /** What Node made. */
  readonly raw: IncomingMessage | ServerResponse | Http2ServerRequest | Http2ServerResponse;
}

/** What is in flight on a connection: a response, a stream, or the socket itself once it is upgraded. */
export type InFlight = ServerResponse | ServerHttp2Stream | Socket;

/** How long those that live long have to leave, and what event streams are told. Read when they leave: it may change until then. */
export interface LongLivedTimes {
  /** Over how long their ends are spread once the listener is closed, in milliseconds. */
  readonly spreadMs: number;
  /** When the client of an event stream may come back, in milliseconds. */
  readonly retryMs: number;
}

/**
 * Responses and upgraded sockets that end only when they are told to: event
 * streams, which are recognised; those that the app declares; and those whose
 * handler has asked to be told. Once the listener is closed each has its turn,
 * spread evenly, so that their clients do not come back in one instant.
 */
export class LongLived implements Disposable {
  readonly #times: LongLivedTimes;
  readonly #onError: (error: unknown) => void;
  /** How each is ended, by the object that stands for the request. */
  readonly #ends = new WeakMap<object, () => void | Promise<void>>();
  readonly #signals = new WeakMap<object, AbortController>();
  readonly #eventStreams = new WeakMap<object, EventStream>();
  readonly #turns = new Set<Spread<object>>();
  #leaving = false;
  #longestMs = Infinity;

  constructor(times: LongLivedTimes, onError: (error: unknown) => void) {
    this.#times = times;
    this.#onError = onError;
  }

  /** Aborted when it is the request's turn to leave. */
  signalFor(request: Requested): AbortSignal {
    const key = keyOf(request);
    const known = this.#signals.get(key);
    if (known) return known.signal;
    const controller = new AbortController();
    this.#signals.set(key, controller);
    this.#lateTurn(key);
    return controller.signal;
  }

  declare(holder: Requested, end: () => void | Promise<void>): Disposable {
    const key = keyOf(holder);
    this.#ends.set(key, end);
    this.#lateTurn(key);
    return { [Symbol.dispose]: () => void this.#ends.delete(key) };
  }

  /** Whether it would not end by itself. */
  has(work: InFlight): boolean {
    const key = keyOf(work);
    return this.#ends.has(key) || this.#signals.has(key) || this.#eventStreams.has(key);
  }

  /** The service is leaving: see whether `response` is an event stream, as soon as its head tells. */
  watch(response: ServerResponse | ServerHttp2Stream): void {
    afterHead(response, () => {
      if (!isEventStream(response)) return;
      const key = keyOf(response);
      this.#eventStreams.set(key, new EventStream(response));
      this.#lateTurn(key);
    });
  }

  /** The listener is closed: those that live long have their turns now, in a part of `budgetMs`. */
  leave(works: readonly InFlight[], budgetMs: number): void {
    this.#leaving = true;
    this.#longestMs = Math.min(this.#times.spreadMs, budgetMs / 2);
    const items = works.filter((work) => this.has(work)).map(keyOf);
    this.#take(items);
  }

  /** Less time is left than was planned, in milliseconds: whoever still waits has an earlier turn. */
  hurry(remainingMs: number): void {
    this.#longestMs = Math.min(this.#longestMs, remainingMs / 2);
    const waiting = [...this.#turns].flatMap((turns) => turns.waiting);
    this.stop();
    this.#take(waiting);
  }

  /** Nobody has a turn any more: what is left is cut. */
  stop(): void {
    for (const turns of this.#turns) turns[Symbol.dispose]();
    this.#turns.clear();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  /** One that turns out to live long when others have begun to leave. */
  #lateTurn(key: object): void {
    if (this.#leaving) this.#take([key]);
  }

  #take(items: readonly object[]): void {
    if (items.length === 0) return;
    const turns = new Spread({
      items,
      overMs: spanFor(items.length, this.#longestMs),
      each: (key) => this.#goodbye(key),
      onError: this.#onError,
    });
    this.#turns.add(turns);
    void turns.done.then(() => this.#turns.delete(turns));
  }

  #goodbye(key: object): void {
    // A signal says that the handler sees to the end itself.
    const controller = this.#signals.get(key);
    const end = this.#ends.get(key);
    this.#ends.delete(key);
    if ('remotePort' in key) noteEnd(key as Socket, 'told');
    controller?.abort(
      new Error('The service is leaving: end this response, its client will come to another.'),
    );
    if (end) Promise.resolve(end()).catch(this.#onError);
    else if (!controller) this.#eventStreams.get(key)?.end(this.#times.retryMs);
  }
}

/**
 * @throws {@link GracefulError} `ERR_GRACEFUL_OPTION` for what no handler is handed
 */
export function expectRequested(what: string, value: unknown): asserts value is Requested {
  expectObject(what, value);
  if (typeof (keyOf(value as Requested) as { on?: unknown } | undefined)?.on === 'function') return;
  throw new GracefulError(
    'ERR_GRACEFUL_OPTION',
    `Expected ${what} to be what Node, Express or Fastify hands to a handler, got ${shown(value)}.`,
  );
}

/** One object for each request, whichever of its objects is at hand. */
function keyOf(requested: Requested): object {
  if ('raw' in requested) return keyOf(requested.raw);
  // Of the compatibility API of HTTP/2.
  if ('stream' in requested && requested.stream) return requested.stream;
  // A response of HTTP/1.1 knows its request.
  if ('req' in requested) return requested.req;
  return requested;
}
