import { createServer } from 'node:http';
import { connectCompanion } from '@graceful/companion/client';
import { createGraceful, type DrainOptions } from '@graceful/core';
import { answer } from './routes.js';

/** A service with graceful in it, as short as they come. */
const { SOCKET, DRAIN = '{}', GRACEFUL_COMPANION } = process.env;
const graceful = createGraceful({ drain: JSON.parse(DRAIN) as DrainOptions });
if (GRACEFUL_COMPANION) connectCompanion(graceful, { name: 'orders' });
// Long enough for a client of a test that has to wait for an engine.
const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  void answer(request, response);
});
await graceful.listen(server, { ...(SOCKET ? { path: SOCKET } : { port: 3_000 }), name: 'http' });
