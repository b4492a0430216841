import { createServer } from 'node:http2';
import { createGraceful } from '@graceful/core';
import { listenOn } from '@graceful/test/services/listen.js';
import { readConfig, run, toOptions } from '@graceful/test/services/service.js';
import { answer } from './compat.js';

const config = readConfig();
const graceful = createGraceful(toOptions(config));

await run(config, {
  graceful,
  listen: () => listenOn(config, (address) => graceful.listen(createServer(answer), address)),
});
