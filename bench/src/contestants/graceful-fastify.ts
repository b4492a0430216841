import { gracefulPlugin } from '@graceful/fastify';
import type { Contestant } from '../contestant.js';
import { fastifyService, listenFastify } from '../service/fastify.js';

export default {
  name: '@graceful/fastify',
  role: 'ours',
  kind: 'Fastify',
  tracks: { connections: true, requests: true },
  packages: ['@graceful/fastify', 'fastify'],
  setup: 'the plugin, probes and log on as by default; `delayMs` as the pre-drain, `requestsMs` as the grace',
  async start({ preDrainMs, drainMs }) {
    const app = fastifyService();
    await app.register(gracefulPlugin, { drain: { delayMs: preDrainMs, requestsMs: drainMs } });
    return listenFastify(app);
  },
} satisfies Contestant as Contestant;
