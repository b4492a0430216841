import { createSecureServer } from 'node:http2';
import { createGraceful } from '@graceful/core';
import { certificate } from './certificate.js';
import { compatHandler } from './compat-handler.js';
import { listenOn } from './listen.js';
import { readConfig, run, toOptions } from './service.js';

const config = readConfig();
const graceful = createGraceful(toOptions(config));
const options = { ...certificate, allowHTTP1: true, keepAliveTimeout: config.keepAliveMs };

await run(config, {
  graceful,
  listen: () =>
    listenOn(config, (address) => graceful.listen(createSecureServer(options, compatHandler), address)),
});
