import { createServer } from 'node:http';
import { createGraceful } from '@graceful/core';
import { connectCompanion } from '@graceful/companion/client';

/** A service in a pod: its first argument is its name, the second how it behaves. */
const [name = 'orders', manner] = process.argv.slice(2);

const graceful = createGraceful({
  logger: false,
  metrics: false,
  drain: { delayMs: 0, requestsMs: 5_000, hooksMs: 1_000 },
  // It is told to leave, and does not.
  ...(manner === 'stubborn' && { signals: [] }),
});
if (manner === 'stubborn')
  graceful.onShutdown('never', () => new Promise(() => {}), { timeoutMs: 3_600_000 });
connectCompanion(graceful, { name, logger: false });
await graceful.listen(
  createServer((_request, response) => void response.end()),
  { port: 0, host: '127.0.0.1' },
);
process.stdout.write('serves\n');
