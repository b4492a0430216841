import { createServer } from 'node:https';
import { createGraceful } from '@graceful/core';
import { certificate } from './certificate.js';
import { handler } from './handler.js';
import { keepingSessions } from './tls-sessions.js';
import { listenOn } from './listen.js';
import { readConfig, run, toOptions } from './service.js';

const config = readConfig();
const graceful = createGraceful(toOptions(config));
const options = { ...certificate, keepAliveTimeout: config.keepAliveMs };

await run(config, {
  graceful,
  listen: () =>
    listenOn(config, (address) => graceful.listen(keepingSessions(createServer(options, handler)), address)),
});
