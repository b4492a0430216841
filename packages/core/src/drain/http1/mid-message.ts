import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Node's list of a server's parsers (`http.server.connections`), which its own timeouts are checked with. */
interface ParserList {
  /** Those that are not in the middle of a message; Node 26 counts the silent ones here, older Nodes do not. */
  idle(): object[];
}

/**
 * Which sockets are in the middle of a request: its first byte has come, its
 * last has not. No public interface tells; Node's own list has been the same
 * since 18. Without it nothing is taken for half received.
 *
 * @returns a snapshot: ask for a new one whenever data may have come
 */
export function midMessage(server: Server): (socket: Socket) => boolean {
  const symbol = Object.getOwnPropertySymbols(server).find(
    ({ description }) => description === 'http.server.connections',
  );
  const list = symbol && (server as unknown as Record<symbol, ParserList | undefined>)[symbol];
  if (typeof list?.idle !== 'function') return () => false;
  const idle = new Set(list.idle());
  return (socket) => {
    const { parser } = socket as Socket & { parser?: object | null };
    return socket.bytesRead > 0 && parser != null && !idle.has(parser);
  };
}
