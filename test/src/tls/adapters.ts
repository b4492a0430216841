import { type Adapter, adapters } from '../harness/adapters.js';

/** Who speaks TLS; the first is a column of the scenario suite, too. */
export const tlsAdapters: Readonly<Record<'core' | 'express5' | 'fastify5', Adapter>> = {
  core: adapters.coreHttps,
  express5: { name: 'Express 5, node:https', program: 'express5-https', tls: true },
  fastify5: { name: 'Fastify 5, https', program: 'fastify5-https', tls: true, ownHooks: ['fastify'] },
};
