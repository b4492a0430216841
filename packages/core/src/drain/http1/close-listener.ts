import { Server } from 'node:net';

/** How often to look for a quiet turn; under a storm of connections there may be none. */
const turns = 200;

/**
 * Close the listener of `server`, and nothing else. `http.Server.close()`
 * would also cut responses that are still flushing, and switch off the
 * timeouts that keep a stalled client from holding the drain.
 *
 * The kernel resets whoever has connected and has not been accepted when the
 * listener closes. So it is closed in a turn of the event loop that follows
 * one in which nobody was left to accept.
 *
 * @param accepted - how many connections were ever accepted
 */
export async function closeListener(server: Server, accepted: () => number): Promise<void> {
  let before = -1;
  for (let turn = 0; turn < turns && before !== accepted(); turn++) {
    before = accepted();
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (server.listening) Server.prototype.close.call(server);
}
