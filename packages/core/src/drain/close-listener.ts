import { Server } from 'node:net';
import { turn } from './turn.js';

/**
 * How long to look for a quiet turn at least, in milliseconds, and how many
 * connections to accept meanwhile: under a storm there may be no such turn,
 * and whoever is accepted late has little left of the budget. The queue is
 * first come, first served, and Node's default backlog is this: when so many
 * were accepted, those who had been there when the look began are in.
 */
const shortestLookMs = 250;
const longestQueue = 511;

/**
 * Close the listener of `server`, and nothing else. `http.Server.close()`
 * would also cut responses that are still flushing, and switch off the
 * timeouts that keep a stalled client from holding the drain.
 *
 * The kernel resets whoever has connected and has not been accepted when the
 * listener closes. So it is closed in a turn of the event loop that follows
 * one in which nobody was left to accept. The turn that is under way does not
 * count: it may have asked the kernel already, and only its rest is left.
 *
 * @param accepted - how many connections were ever accepted
 * @param hurried - the budget is spent: look no longer
 */
export async function closeListener(
  server: Server,
  accepted: () => number,
  hurried: () => boolean,
): Promise<void> {
  const enoughAt = performance.now() + shortestLookMs;
  const enough = accepted() + longestQueue;
  await turn();
  let before = -1;
  while (before !== accepted() && !hurried()) {
    if (performance.now() > enoughAt && accepted() > enough) break;
    before = accepted();
    await turn();
  }
  if (server.listening) Server.prototype.close.call(server);
}
