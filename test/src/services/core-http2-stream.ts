import { createServer } from 'node:http2';
import { createGraceful } from '@graceful/core';
import { listenOn } from './listen.js';
import { readConfig, run, toOptions } from './service.js';
import { onStream } from './stream-handler.js';

const config = readConfig();
const graceful = createGraceful(toOptions(config));

await run(config, {
  graceful,
  listen: () =>
    listenOn(config, (address) => graceful.listen(createServer().on('stream', onStream), address)),
});
