import GracefulServer from '@gquittet/graceful-server';
import type { Contestant } from '../contestant.js';
import { nodeHttpService } from '../service/node-http.js';
import { serve } from '../service/serve.js';

export default {
  name: '@gquittet/graceful-server',
  role: 'peer',
  kind: 'node:http',
  tracks: { connections: true, requests: false },
  preDrains: true,
  readiness: '/ready',
  packages: ['@gquittet/graceful-server'],
  setup:
    '`kubernetes: true`, and pre-drain and grace together as `timeout`: it waits for that long, serving, and then ends every connection',
  async start({ preDrainMs, drainMs }) {
    const server = nodeHttpService();
    const graceful = GracefulServer(server, { kubernetes: true, timeout: preDrainMs + drainMs });
    const port = await serve(server);
    graceful.setReady();
    return port;
  },
} satisfies Contestant as Contestant;
