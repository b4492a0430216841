import { createServer } from 'node:http';
import { createGraceful, type DrainOptions } from '@graceful/core';
import { answer } from './routes.js';

/** A service with graceful in it, as short as they come. */
const { PORT = '3000', DRAIN = '{}' } = process.env;
const graceful = createGraceful({ drain: JSON.parse(DRAIN) as DrainOptions });
// Long enough for a client of a test that has to wait for an engine.
const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  void answer(request, response);
});
await graceful.listen(server, { port: Number(PORT), name: 'http' });
