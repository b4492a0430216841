import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { type HttpServer, isHttpServer } from '../http-server.js';
import type { CalledWith } from './diverted-listen.js';

/** What is told of servers that the user's own code opened. */
export interface ServerFinder {
  /** Whether `server` serves what we look for. */
  readonly isOurs: (server: HttpServer) => boolean;
  readonly found: (server: HttpServer) => void;
  /** One that listens and was not recognised: a wrapping may hide whose it is. */
  readonly notFound: (server: HttpServer) => void;
  /** A connection that came to a server before it was found. */
  readonly connection: (socket: Socket, server: HttpServer) => void;
}

/**
 * Find HTTP servers as they begin to listen, before their first connection,
 * and connections that come to one that was not recognised: by Node's
 * `diagnostics_channel`, so that nothing is patched. Costs nothing per request.
 */
export function findServers({ isOurs, found, notFound, connection }: ServerFinder): Disposable {
  const onListen = (message: unknown) => {
    const { server } = message as { server: unknown };
    if (!isHttpServer(server)) return;
    if (isOurs(server)) {
      found(server);
      return;
    }
    notFound(server);
  };
  const onSocket = (message: unknown) => {
    const { socket } = message as { socket: Socket & { server?: unknown } };
    if (!isHttpServer(socket.server)) return;
    if (isOurs(socket.server)) found(socket.server);
    connection(socket, socket.server);
  };
  subscribe('tracing:net.server.listen:asyncEnd', onListen);
  subscribe('net.server.socket', onSocket);
  return {
    [Symbol.dispose]: () => {
      unsubscribe('tracing:net.server.listen:asyncEnd', onListen);
      unsubscribe('net.server.socket', onSocket);
    },
  };
}

/** Hear of each `server.listen()` as it is called, before anything has come of it. */
export function hearListenCalls(called: (server: HttpServer, options: CalledWith) => void): Disposable {
  const onCall = (message: unknown) => {
    const { server, options } = message as { server: unknown; options: CalledWith };
    if (isHttpServer(server)) called(server, options);
  };
  subscribe('tracing:net.server.listen:asyncStart', onCall);
  return { [Symbol.dispose]: () => void unsubscribe('tracing:net.server.listen:asyncStart', onCall) };
}
