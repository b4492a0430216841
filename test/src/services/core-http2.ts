import { createServer } from 'node:http2';
import { createGraceful } from '@graceful/core';
import { compatHandler } from './compat-handler.js';
import { listenOn } from './listen.js';
import { readConfig, run, toOptions } from './service.js';

const config = readConfig();
const graceful = createGraceful(toOptions(config));

await run(config, {
  graceful,
  listen: () => listenOn(config, (address) => graceful.listen(createServer(compatHandler), address)),
});
