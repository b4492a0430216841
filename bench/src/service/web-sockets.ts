import type { Server } from 'node:http';
import { WebSocketServer } from 'ws';

/** WebSockets at `/live` that stay open, and on which nothing is said. */
export function openWebSockets(server: Server): WebSocketServer {
  return new WebSocketServer({ server, path: '/live' });
}
