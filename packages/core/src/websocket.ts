/// <reference types="node" preserve="true" />
/**
 * How WebSockets leave: with a close frame, spread over a while.
 *
 * @packageDocumentation
 */
import { type CloseOptions, resolveCloseOptions } from './drain/upgraded/close-options.js';
import { type SocketIoLike, SocketIoSessions } from './drain/upgraded/socket-io.js';
import { UpgradedDrain } from './drain/upgraded/upgraded-drain.js';
import { type WebSocketServerLike, WebSockets } from './drain/upgraded/web-sockets.js';
import type { Graceful } from './graceful.js';
import { adapterKit } from './kits.js';

export type { CloseOptions } from './drain/upgraded/close-options.js';
export type { SocketIoEngineLike, SocketIoLike } from './drain/upgraded/socket-io.js';
export type { WebSocketLike, WebSocketServerLike } from './drain/upgraded/web-sockets.js';

/**
 * Let the clients of `server`, a `WebSocketServer` of the package `ws`, leave
 * with the service: once it accepts no more connections each gets a close
 * frame, behind all that was sent to it before.
 *
 * @throws GracefulError `ERR_GRACEFUL_OPTION`, `ERR_GRACEFUL_DUPLICATE_DRAINABLE`, `ERR_GRACEFUL_SHUTDOWN_BEGUN`
 */
export function drainWebSockets(
  graceful: Graceful,
  server: WebSocketServerLike,
  options: CloseOptions = {},
): Disposable {
  const resolved = resolveCloseOptions(options, 'websockets');
  const kit = adapterKit(graceful);
  return takePart(graceful, new UpgradedDrain(new WebSockets(server, resolved), resolved, kit));
}

/**
 * The same for `server`, a `Server` of the package `socket.io`. Its clients
 * lose their transport and connect again by themselves.
 *
 * @throws GracefulError `ERR_GRACEFUL_OPTION`, `ERR_GRACEFUL_DUPLICATE_DRAINABLE`, `ERR_GRACEFUL_SHUTDOWN_BEGUN`
 */
export function drainSocketIo(
  graceful: Graceful,
  server: SocketIoLike,
  options: CloseOptions = {},
): Disposable {
  const resolved = resolveCloseOptions(options, 'socket.io');
  const kit = adapterKit(graceful);
  return takePart(graceful, new UpgradedDrain(new SocketIoSessions(server, resolved), resolved, kit));
}

function takePart<Peer>(graceful: Graceful, drain: UpgradedDrain<Peer>): Disposable {
  const part = graceful.drains(drain);
  // The server may live on, where `exit` is false.
  const end = graceful.on('report', () => drain[Symbol.dispose]());
  return {
    [Symbol.dispose]: () => {
      part[Symbol.dispose]();
      // During a shutdown that did nothing, as it sees every part through.
      if (!graceful.draining.aborted) end[Symbol.dispose]();
    },
  };
}
