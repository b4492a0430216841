import type { Server } from 'node:http';
import { listen } from './listen.js';
import { openWebSockets } from './web-sockets.js';

/** Open WebSockets on a contestant's server, and listen: the port. */
export function serve(server: Server): Promise<number> {
  openWebSockets(server);
  return listen(server);
}
