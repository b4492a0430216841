import { drainWebSockets } from '@graceful/core/websocket';
import { createGraceful } from '@graceful/express';
import express from 'express';
import type { Contestant } from '../contestant.js';
import { expressService } from '../service/express.js';
import { address, portOf } from '../service/listen.js';
import { createServer } from '../service/server.js';
import { openWebSockets } from '../service/web-sockets.js';

export default {
  name: '@graceful/express',
  role: 'ours',
  kind: 'Express 5',
  tracks: { connections: true, requests: true },
  preDrains: true,
  readiness: '/readyz',
  packages: ['@graceful/express', 'express'],
  setup:
    '`middleware()`, `drainWebSockets` and `listen`, probes and log on as by default; `delayMs` as the pre-drain, `requestsMs` as the grace',
  async start({ preDrainMs, drainMs }) {
    const graceful = createGraceful({ drain: { delayMs: preDrainMs, requestsMs: drainMs } });
    const app = express();
    app.use(graceful.middleware());
    const server = createServer(expressService(app));
    drainWebSockets(graceful, openWebSockets(server));
    await graceful.listen(server, address);
    return portOf(server);
  },
} satisfies Contestant as Contestant;
