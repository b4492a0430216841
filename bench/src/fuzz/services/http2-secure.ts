import { createSecureServer } from 'node:http2';
import { createGraceful } from '@graceful/core';
import { certificate } from '@graceful/test/services/certificate.js';
import { listenOn } from '@graceful/test/services/listen.js';
import { readConfig, run, toOptions } from '@graceful/test/services/service.js';
import { answer } from './compat.js';

const config = readConfig();
const graceful = createGraceful(toOptions(config));
const options = { ...certificate, allowHTTP1: true, keepAliveTimeout: config.keepAliveMs };

await run(config, {
  graceful,
  listen: () => listenOn(config, (address) => graceful.listen(createSecureServer(options, answer), address)),
});
