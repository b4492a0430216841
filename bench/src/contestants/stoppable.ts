import stoppable from 'stoppable';
import type { Contestant } from '../contestant.js';
import { listen } from '../service/listen.js';
import { nodeHttpService } from '../service/node-http.js';

export default {
  name: 'stoppable',
  role: 'peer',
  kind: 'node:http',
  tracks: { connections: true, requests: true },
  packages: ['stoppable'],
  setup: '`grace` as the grace, `stop()` on SIGTERM; it has no pre-drain',
  async start({ drainMs }) {
    const server = stoppable(nodeHttpService(), drainMs);
    process.once('SIGTERM', () => server.stop());
    return listen(server);
  },
} satisfies Contestant as Contestant;
