import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createGraceful } from '@graceful/core';
import { certificate } from './certificate.js';
import { handler } from './handler.js';
import { listenOn } from './listen.js';
import { readConfig, run, toOptions } from './service.js';

/** Servers with TLS and without under one lifecycle, as many of each as the harness wants. */
const config = readConfig();
const graceful = createGraceful(toOptions(config));
const options = { keepAliveTimeout: config.keepAliveMs };

await run(config, {
  graceful,
  listen: () =>
    listenOn(config, (address, { tls = false }) => {
      const server = tls
        ? createSecureServer({ ...options, ...certificate }, handler)
        : createServer(options, handler);
      return graceful.listen(server, address);
    }),
});
