import type { Socket } from 'node:net';
import { GracefulError, shown } from '../../errors.js';
import type { ResolvedCloseOptions } from './close-options.js';
import type { Peers } from './peers.js';

/** What is used of a `WebSocket` of the package `ws`. */
export interface WebSocketLike {
  /** Bytes handed to `send()` that have not left the process. */
  readonly bufferedAmount: number;
  /** Send a close frame, behind all that was handed to `send()`. */
  close(code: number, reason: string): void;
  /** End it without a word. */
  terminate(): void;
  /** `close`: its connection has ended. */
  once(event: 'close', listener: () => void): unknown;
}

/** What is used of a `WebSocketServer` of the package `ws`. */
export interface WebSocketServerLike {
  /** Absent with `clientTracking: false`. */
  readonly clients?: Iterable<WebSocketLike>;
  /** With a `port` it has an HTTP server of its own. */
  readonly options?: { readonly port?: number | null | undefined };
  /** `headers`: an upgrade is being finished. */
  on(event: string, listener: () => void): unknown;
  /** Takes a listener back. */
  off(event: string, listener: () => void): unknown;
  /** Take no more clients; those that are there stay. */
  close(): void;
}

/** The clients of one `WebSocketServer`. */
export class WebSockets implements Peers<WebSocketLike> {
  readonly #server: WebSocketServerLike;
  readonly #options: ResolvedCloseOptions;

  /**
   * @throws {@link GracefulError} `ERR_GRACEFUL_OPTION` when the server does not keep its clients
   */
  constructor(server: WebSocketServerLike, options: ResolvedCloseOptions) {
    if (typeof server?.on !== 'function' || !isIterable(server.clients)) {
      throw new GracefulError(
        'ERR_GRACEFUL_OPTION',
        `Expected a WebSocketServer of the package ws that keeps its \`clients\`, got ${shown(server)}. Leave out \`clientTracking: false\`.`,
      );
    }
    this.#server = server;
    this.#options = options;
  }

  all(): Iterable<WebSocketLike> {
    return this.#server.clients ?? [];
  }

  stopAccepting(): void {
    // It has an HTTP server of its own, which nobody drains. Its clients stay.
    if (this.#server.options?.port != null) this.#server.close();
  }

  onArrival(look: () => void): Disposable {
    // `connection` is up to its user where there is `noServer`; the head of the
    // response is always written, and the client is kept in the same turn.
    const onHeaders = () => process.nextTick(look);
    this.#server.on('headers', onHeaders);
    return { [Symbol.dispose]: () => void this.#server.off('headers', onHeaders) };
  }

  meet(peer: WebSocketLike, gone: () => void): void {
    peer.once('close', gone);
  }

  tell(peer: WebSocketLike): void {
    peer.close(this.#options.code, this.#options.reason);
  }

  hasUnsent(peer: WebSocketLike): boolean {
    return isUnsent(peer);
  }

  cut(peer: WebSocketLike): boolean {
    return cut(peer);
  }

  socketOf(peer: WebSocketLike): Socket | undefined {
    return socketUnder(peer);
  }
}

/** The network socket of a `WebSocket`: not documented, the same since ws 1. Without it only the report knows less. */
export function socketUnder(webSocket: WebSocketLike): Socket | undefined {
  return (webSocket as { readonly _socket?: Socket | null })._socket ?? undefined;
}

/**
 * Whether the close frame, and so all that was sent before it, has not left
 * the process. Known by a field that is not documented: `bufferedAmount` also
 * grows with what is sent too late, which never leaves.
 */
export function isUnsent(webSocket: WebSocketLike): boolean {
  const { _closeFrameSent: sent } = webSocket as { readonly _closeFrameSent?: boolean };
  return sent === undefined ? webSocket.bufferedAmount > 0 : !sent;
}

/** Cut `webSocket`; false if it has answered the close frame, and only its end is still under way. */
export function cut(webSocket: WebSocketLike): boolean {
  const { _closeFrameReceived: answered } = webSocket as { readonly _closeFrameReceived?: boolean };
  webSocket.terminate();
  return answered !== true || isUnsent(webSocket);
}

function isIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
