import { setTimeout as delay } from 'node:timers/promises';
import gracefulShutdown from 'http-graceful-shutdown';
import type { Contestant } from '../contestant.js';
import { nodeHttpService } from '../service/node-http.js';
import { serve } from '../service/serve.js';

export default {
  name: 'http-graceful-shutdown',
  role: 'peer',
  kind: 'node:http',
  tracks: { connections: true, requests: true },
  preDrains: true,
  packages: ['http-graceful-shutdown'],
  setup:
    '`timeout` as the grace, the pre-drain in `preShutdown` ("sockets are still available and untouched")',
  async start({ preDrainMs, drainMs }) {
    const server = nodeHttpService();
    gracefulShutdown(server, {
      signals: 'SIGINT SIGTERM',
      timeout: drainMs,
      preShutdown: () => delay(preDrainMs),
    });
    return serve(server);
  },
} satisfies Contestant as Contestant;
