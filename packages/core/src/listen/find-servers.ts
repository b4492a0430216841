import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Server } from 'node:http';
import type { Socket } from 'node:net';

/** What is told of servers that the user's own code opened. */
export interface ServerFinder {
  /** Whether `server` serves what we look for. */
  readonly isOurs: (server: Server) => boolean;
  readonly found: (server: Server) => void;
  /** A connection that came to a server before it was found. */
  readonly connection: (socket: Socket, server: Server) => void;
}

/**
 * Find HTTP servers as they begin to listen, before their first connection,
 * and connections that come to one that was not recognised: by Node's
 * `diagnostics_channel`, so that nothing is patched. Costs nothing per request.
 */
export function findServers({ isOurs, found, connection }: ServerFinder): Disposable {
  const look = (server: unknown) => {
    if (server instanceof Server && isOurs(server)) found(server);
  };
  const onListen = (message: unknown) => look((message as { server: unknown }).server);
  const onSocket = (message: unknown) => {
    const { socket } = message as { socket: Socket & { server?: unknown } };
    if (!(socket.server instanceof Server)) return;
    look(socket.server);
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
