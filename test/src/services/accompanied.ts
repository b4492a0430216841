import { createServer } from 'node:http';
import { connectCompanion } from '@graceful/companion/client';
import { createGraceful } from '@graceful/core';
import { handler } from './handler.js';
import { listenOn } from './listen.js';
import { readConfig, run, toOptions } from './service.js';

const config = readConfig();
const graceful = createGraceful(toOptions(config));
const options = { keepAliveTimeout: config.keepAliveMs };
connectCompanion(graceful, { name: 'app' });

await run(config, {
  graceful,
  listen: () => listenOn(config, (address) => graceful.listen(createServer(options, handler), address)),
});
