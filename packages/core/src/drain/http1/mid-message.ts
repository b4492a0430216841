import type { Server, Socket } from 'node:net';
import { ofNode } from './of-node.js';

/** Node's list of a server's parsers (`http.server.connections`), which its own timeouts are checked with. */
interface ParserList {
  /** Those that are in the middle of a message; before Node 26 also those that have had none yet. */
  active(): object[];
}

/**
 * Which sockets are in the middle of a request: its first byte has come, its
 * last has not. No public interface tells; Node's own list has been the same
 * since 18. Without it nothing is taken for half received.
 *
 * @returns a snapshot: ask for a new one whenever data may have come
 */
export function midMessage(server: Server): (socket: Socket) => boolean {
  const list = ofNode(server, 'http.server.connections') as ParserList | undefined;
  if (typeof list?.active !== 'function') return () => false;
  // Not those that are idle, which may be a hundred times as many.
  const active = new Set(list.active());
  return (socket) => {
    const { parser } = socket as Socket & { parser?: object | null };
    return socket.bytesRead > 0 && parser != null && active.has(parser);
  };
}
