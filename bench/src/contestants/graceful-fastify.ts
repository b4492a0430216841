import { drainWebSockets } from '@graceful/core/websocket';
import { gracefulPlugin } from '@graceful/fastify';
import type { Contestant } from '../contestant.js';
import { fastifyService, listenFastify } from '../service/fastify.js';
import { openWebSockets } from '../service/web-sockets.js';

export default {
  name: '@graceful/fastify',
  role: 'ours',
  kind: 'Fastify',
  tracks: { connections: true, requests: true },
  preDrains: true,
  readiness: '/readyz',
  packages: ['@graceful/fastify', 'fastify'],
  setup:
    'the plugin and `drainWebSockets`, probes and log on as by default; `delayMs` as the pre-drain, `requestsMs` as the grace',
  async start({ preDrainMs, drainMs }) {
    const app = fastifyService();
    await app.register(gracefulPlugin, { drain: { delayMs: preDrainMs, requestsMs: drainMs } });
    return listenFastify(app, (server) => drainWebSockets(app.graceful, openWebSockets(server)));
  },
} satisfies Contestant as Contestant;
