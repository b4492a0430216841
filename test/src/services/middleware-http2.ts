import { once } from 'node:events';
import { createServer } from 'node:http2';
import { createGraceful } from '@graceful/express';
import type { RequestHandler } from 'express';
import { compatHandler } from './compat-handler.js';
import { listenOn } from './listen.js';
import { readConfig, run, toOptions } from './service.js';

type Given = Parameters<RequestHandler>;

const config = readConfig();
const graceful = createGraceful(toOptions(config));
const middleware = graceful.middleware();

/** A middleware of Express before a handler of the user's own; Express itself speaks HTTP/1.1 alone. */
const server = createServer((request, response) => {
  const next = () => compatHandler(request, response);
  middleware(request as unknown as Given[0], response as unknown as Given[1], next);
});

await run(config, {
  graceful,
  listen: () =>
    listenOn(config, async (address) => {
      // Nobody hands it to graceful.
      server.listen(address);
      await once(server, 'listening');
      return server;
    }),
});
