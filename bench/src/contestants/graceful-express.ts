import { createGraceful } from '@graceful/express';
import express from 'express';
import type { Contestant } from '../contestant.js';
import { expressService } from '../service/express.js';
import { portOf } from '../service/listen.js';

export default {
  name: '@graceful/express',
  role: 'ours',
  kind: 'Express 5',
  tracks: { connections: true, requests: true },
  packages: ['@graceful/express', 'express'],
  setup:
    '`middleware()` and `listen`, probes and log on as by default; `delayMs` as the pre-drain, `requestsMs` as the grace',
  async start({ preDrainMs, drainMs }) {
    const graceful = createGraceful({ drain: { delayMs: preDrainMs, requestsMs: drainMs } });
    const app = express();
    app.use(graceful.middleware());
    const server = await graceful.listen(expressService(app), { port: 0, host: '127.0.0.1' });
    return portOf(server);
  },
} satisfies Contestant as Contestant;
