import { createServer } from 'node:http';
import { createGraceful } from '@graceful/core';
import { endStreams, handle, upgrade } from './routes.mjs';

const graceful = createGraceful({
  drain: { delayMs: 800, requestsMs: 3_000, hooksMs: 1_000, idleMs: 2_000 },
});
graceful.draining.addEventListener('abort', endStreams);
const server = createServer(handle).on('upgrade', upgrade);
await graceful.listen(server, { port: Number(process.env.PORT), host: '127.0.0.1' });
