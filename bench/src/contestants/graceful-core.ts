import { createGraceful } from '@graceful/core';
import type { Contestant } from '../contestant.js';
import { portOf } from '../service/listen.js';
import { nodeHttpService } from '../service/node-http.js';

export default {
  name: '@graceful/core',
  role: 'ours',
  kind: 'node:http',
  tracks: { connections: true, requests: true },
  packages: ['@graceful/core'],
  setup:
    '`attach` and `listen`, probes and log on as by default; `delayMs` as the pre-drain, `requestsMs` as the grace',
  async start({ preDrainMs, drainMs }) {
    const graceful = createGraceful({ drain: { delayMs: preDrainMs, requestsMs: drainMs } });
    const server = nodeHttpService();
    graceful.attach(server);
    await graceful.listen(server, { port: 0, host: '127.0.0.1' });
    return portOf(server);
  },
} satisfies Contestant as Contestant;
