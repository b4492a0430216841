import express from 'express';
import gracefulExit from 'express-graceful-exit';
import type { Contestant } from '../contestant.js';
import { expressService } from '../service/express.js';
import { onSigterm } from '../service/on-sigterm.js';
import { createServer } from '../service/server.js';
import { serve } from '../service/serve.js';

export default {
  name: 'express-graceful-exit',
  role: 'peer',
  kind: 'Express 5',
  tracks: { connections: true, requests: false },
  packages: ['express-graceful-exit', 'express'],
  setup:
    '`init()`, the middleware first, `suicideTimeout` as the grace, `performLastRequest`, `errorDuringExit` and `force`, of which its README recommends the first two; it has no pre-drain',
  async start({ drainMs }) {
    const app = express();
    app.use(gracefulExit.middleware(app));
    const server = createServer(expressService(app));
    gracefulExit.init(server);
    onSigterm(() => {
      gracefulExit.gracefulExitHandler(app, server, {
        suicideTimeout: drainMs,
        performLastRequest: true,
        errorDuringExit: true,
        force: true,
      });
    });
    return serve(server);
  },
} satisfies Contestant as Contestant;
