import { once } from 'node:events';
import { createGraceful } from '@graceful/express';
import express from 'express';
import { useRoutes } from './express-routes.js';
import { listenOn } from './listen.js';
import { readConfig, run, toOptions } from './service.js';

const config = readConfig();
const graceful = createGraceful(toOptions(config));
const app = express();
app.use(graceful.middleware());
useRoutes(app);

await run(config, {
  graceful,
  listen: () =>
    listenOn(config, async (address) => {
      // The server is the user's own; nobody hands it to graceful.
      const server = 'path' in address ? app.listen(address.path) : app.listen(address.port, address.host);
      server.keepAliveTimeout = config.keepAliveMs;
      await once(server, 'listening');
      return server;
    }),
});
