import { setTimeout as delay } from 'node:timers/promises';
import { createTerminus } from '@godaddy/terminus';
import type { Contestant } from '../contestant.js';
import { nodeHttpService } from '../service/node-http.js';
import { serve } from '../service/serve.js';

export default {
  name: '@godaddy/terminus',
  role: 'peer',
  kind: 'node:http',
  tracks: { connections: true, requests: true },
  preDrains: true,
  readiness: '/healthz',
  packages: ['@godaddy/terminus'],
  setup:
    'a health check, `timeout` as the grace, the pre-drain in `beforeShutdown` as its README shows for Kubernetes, `useExit0`',
  async start({ preDrainMs, drainMs }) {
    const server = nodeHttpService();
    createTerminus(server, {
      signals: ['SIGTERM', 'SIGINT'],
      healthChecks: { '/healthz': async () => undefined },
      timeout: drainMs,
      beforeShutdown: () => delay(preDrainMs),
      onSignal: async () => undefined,
      useExit0: true,
    });
    return serve(server);
  },
} satisfies Contestant as Contestant;
