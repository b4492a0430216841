import type { Contestant } from '../contestant.js';
import { listen } from '../service/listen.js';
import { nodeHttpService } from '../service/node-http.js';

export default {
  name: 'node:http, server.close()',
  role: 'bare',
  kind: 'node:http',
  tracks: { connections: false, requests: false },
  packages: [],
  setup: '`server.close()` on SIGTERM, then the process ends when nothing is left',
  async start() {
    const server = nodeHttpService();
    process.once('SIGTERM', () => server.close());
    return listen(server);
  },
} satisfies Contestant as Contestant;
