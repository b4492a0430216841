import { createServer } from 'node:https';
import { createGraceful } from '@graceful/express';
import express from 'express';
import { certificate } from './certificate.js';
import { useRoutes } from './express-routes.js';
import { listenOn } from './listen.js';
import { readConfig, run, toOptions } from './service.js';
import { keepingSessions } from './tls-sessions.js';

const config = readConfig();
const graceful = createGraceful(toOptions(config));
const app = express();
app.use(graceful.middleware());
useRoutes(app);
const options = { ...certificate, keepAliveTimeout: config.keepAliveMs };

await run(config, {
  graceful,
  listen: () =>
    listenOn(config, (address) => graceful.listen(keepingSessions(createServer(options, app)), address)),
});
