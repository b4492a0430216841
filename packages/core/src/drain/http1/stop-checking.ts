import type { HttpServer } from '../../http-server.js';
import { ofNode } from './of-node.js';

/**
 * End the timer with which Node looks for requests that take too long. Only
 * `http.Server.close()` ends it, which is not used here; until then it keeps a
 * server that has left, and all that hangs on it, in memory.
 */
export function stopChecking(server: HttpServer): void {
  clearInterval(ofNode(server, 'http.server.connectionsCheckingInterval') as NodeJS.Timeout | undefined);
}
