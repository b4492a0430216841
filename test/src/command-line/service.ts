import { createServer } from 'node:http';
import { createGraceful } from '@graceful/core';

/**
 * A service as `graceful run` runs it, which knows nothing of that. What it
 * answers is its first argument; the second says how it comes to grief.
 */
const [version = 'one', mishap] = process.argv.slice(2);
if (mishap === 'no-start') process.exit(7);
// Alive, never ready, and not to be had by SIGTERM.
if (mishap === 'stubborn') {
  process.on('SIGTERM', () => {});
  process.stdout.write('stubborn\n');
}
// Alive, and never ready.
if (mishap === 'hangs' || mishap === 'stubborn') await new Promise(() => setInterval(() => {}, 60_000));

const graceful = createGraceful({
  logger: false,
  metrics: false,
  drain: { delayMs: 0, requestsMs: 5_000, hooksMs: 1_000 },
});
const server = createServer((request, response) => {
  if (request.url === '/crash') process.exit(9);
  response.end(`${version} ${process.pid}`);
});
await graceful.listen(server, { port: Number(process.env['PORT'] ?? 3000), name: 'http' });
