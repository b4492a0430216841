import { createGraceful } from '@graceful/core';
import { drainWebSockets } from '@graceful/core/websocket';
import type { Contestant } from '../contestant.js';
import { address, portOf } from '../service/listen.js';
import { nodeHttpService } from '../service/node-http.js';
import { openWebSockets } from '../service/web-sockets.js';

export default {
  name: '@graceful/core',
  role: 'ours',
  kind: 'node:http',
  tracks: { connections: true, requests: true },
  preDrains: true,
  readiness: '/readyz',
  packages: ['@graceful/core'],
  setup:
    '`attach`, `drainWebSockets` and `listen`, probes and log on as by default; `delayMs` as the pre-drain, `requestsMs` as the grace',
  async start({ preDrainMs, drainMs }) {
    const graceful = createGraceful({ drain: { delayMs: preDrainMs, requestsMs: drainMs } });
    const server = nodeHttpService();
    graceful.attach(server);
    drainWebSockets(graceful, openWebSockets(server));
    await graceful.listen(server, address);
    return portOf(server);
  },
} satisfies Contestant as Contestant;
