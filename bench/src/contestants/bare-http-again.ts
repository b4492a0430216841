import type { Contestant } from '../contestant.js';
import { listen } from '../service/listen.js';
import { nodeHttpService } from '../service/node-http.js';

export default {
  name: 'node:http again (A/A control)',
  role: 'control',
  kind: 'node:http',
  tracks: { connections: false, requests: false },
  packages: [],
  setup: 'the same server a second time: how far its ratio is from 1 is the noise of the run',
  async start() {
    const server = nodeHttpService();
    process.once('SIGTERM', () => server.close());
    return listen(server);
  },
} satisfies Contestant as Contestant;
