import { createServer } from 'node:http';
import type { Contestant } from '../contestant.js';
import { expressService } from '../service/express.js';
import { listen } from '../service/listen.js';

export default {
  name: 'Express 5, server.close()',
  role: 'bare',
  kind: 'Express 5',
  tracks: { connections: false, requests: false },
  packages: ['express'],
  setup: '`server.close()` on SIGTERM, then the process ends when nothing is left',
  async start() {
    const server = createServer(expressService());
    process.once('SIGTERM', () => server.close());
    return listen(server);
  },
} satisfies Contestant as Contestant;
