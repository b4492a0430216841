import type { Socket } from 'node:net';
import { GracefulError, shown } from '../../errors.js';
import type { ResolvedCloseOptions } from './close-options.js';
import type { Peers } from './peers.js';
import { cut, isUnsent, socketUnder, type WebSocketLike } from './web-sockets.js';

/** What is used of a `Server` of the package `socket.io`. */
export interface SocketIoLike {
  /** Absent until it is attached to an HTTP server. */
  readonly engine?: SocketIoEngineLike | undefined;
}

/** What is used of its engine, a `Server` of the package `engine.io`; beside it `clients`, which types hide. */
export interface SocketIoEngineLike {
  /** `connection`: there is a new session. */
  on(event: string, listener: () => void): unknown;
  /** Takes a listener back. */
  off(event: string, listener: () => void): unknown;
}

/** What is used of a client's session, a `Socket` of engine.io. All of it is in engine.io's readme but what is said otherwise. */
interface Session {
  readonly readyState: string;
  readonly transport: Transport;
  /** Packets that the transport could not take yet. */
  readonly writeBuffer: readonly unknown[];
  close(discard?: boolean): void;
  on(event: 'flush', listener: () => void): unknown;
  once(event: 'drain' | 'upgrade' | 'close', listener: () => void): unknown;
}

interface Transport {
  readonly name: string;
  /** With `polling`: whether a poll waits for an answer. */
  readonly writable: boolean;
  /** The WebSocket of the transport `websocket`; typed as private. */
  readonly socket?: WebSocketLike;
  /** The response to a POST that is coming in, with the transport `polling`; not documented. */
  readonly dataRes?: { once(event: 'close', listener: () => void): unknown } | null;
  /** With `polling`: a poll came. Not documented. */
  once(event: 'ready', listener: () => void): unknown;
}

/**
 * The sessions of one socket.io server. Told by the end of their transport and
 * not by a packet: a client that the server has disconnected does not connect
 * again by itself, one that has lost its transport does.
 */
export class SocketIoSessions implements Peers<Session> {
  readonly #server: SocketIoLike;
  readonly #options: ResolvedCloseOptions;

  /**
   * @throws {@link GracefulError} `ERR_GRACEFUL_OPTION`
   */
  constructor(server: SocketIoLike, options: ResolvedCloseOptions) {
    if (typeof (server as { of?: unknown } | undefined)?.of !== 'function') {
      throw new GracefulError(
        'ERR_GRACEFUL_OPTION',
        `Expected a Server of the package socket.io, got ${shown(server)}.`,
      );
    }
    this.#server = server;
    this.#options = options;
  }

  all(): Iterable<Session> {
    const engine = this.#server.engine as { readonly clients?: Record<string, Session> } | undefined;
    return Object.values(engine?.clients ?? {});
  }

  onArrival(look: () => void): Disposable {
    const { engine } = this.#server;
    engine?.on('connection', look);
    return { [Symbol.dispose]: () => void engine?.off('connection', look) };
  }

  meet(session: Session, gone: () => void): void {
    session.once('close', gone);
    // The answer to a poll is the last one, as the next poll meets a closed door.
    // Without a packet that says so: the client would throw away what comes with it.
    session.on('flush', () => {
      if (session.transport.name !== 'polling') return;
      session.once('drain', () => whenReceived(session.transport, () => session.close(true)));
    });
  }

  tell(session: Session): void {
    if (session.readyState !== 'open') return;
    const { transport } = session;
    const again = () => this.tell(session);
    if (transport.name !== 'websocket' || !transport.socket) return this.#tellPolling(session, again);
    // Its own close() would flush, too, but name no code.
    if (session.writeBuffer.length > 0) session.once('drain', again);
    else transport.socket.close(this.#options.code, this.#options.reason);
  }

  #tellPolling(session: Session, again: () => void): void {
    const { transport } = session;
    if (transport.writable && !transport.dataRes) return session.close();
    if (transport.dataRes) return whenReceived(transport, again);
    transport.once('ready', again);
    session.once('upgrade', again);
  }

  hasUnsent({ transport }: Session): boolean {
    // What waits for a poll is not on its way: that poll may never come.
    return transport.name === 'websocket' && transport.socket !== undefined && isUnsent(transport.socket);
  }

  cut(session: Session): boolean {
    const { name, socket } = session.transport;
    if (name === 'websocket' && socket) return cut(socket);
    const lost = session.writeBuffer.length > 0;
    session.close(true);
    return lost;
  }

  socketOf({ transport }: Session): Socket | undefined {
    // The connections of a session that polls carry other requests, too.
    return transport.name === 'websocket' && transport.socket ? socketUnder(transport.socket) : undefined;
  }
}

/** Engine.io ends a session that polls by breaking off what the client is sending; let that come in first. */
function whenReceived({ dataRes }: Transport, close: () => void): void {
  if (dataRes) dataRes.once('close', close);
  else close();
}
