import { type Adapter, adapters } from '../harness/adapters.js';

/** Who may listen on a Unix socket, and on several addresses. */
export const listening: readonly Adapter[] = [
  adapters.coreHttp,
  adapters.coreHttps,
  adapters.express5,
  adapters.express5OwnListen,
  adapters.fastify5,
];

/** Servers with TLS and without in one process. */
export const mixed: Adapter = {
  name: 'core, node:http beside node:https',
  program: 'core-listeners',
  tls: false,
};

/** Fastify where `localhost` has two addresses. */
export const fastifyLocalhost: Adapter = {
  name: 'Fastify 5 on localhost',
  program: 'fastify5-localhost',
  tls: false,
  ownHooks: ['fastify'],
};
