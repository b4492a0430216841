import { createHttpTerminator } from 'http-terminator';
import type { Contestant } from '../contestant.js';
import { listen } from '../service/listen.js';
import { nodeHttpService } from '../service/node-http.js';

export default {
  name: 'http-terminator',
  role: 'peer',
  kind: 'node:http',
  tracks: { connections: true, requests: false },
  packages: ['http-terminator'],
  setup: '`gracefulTerminationTimeout` as the grace, `terminate()` on SIGTERM; it has no pre-drain',
  async start({ drainMs }) {
    const server = nodeHttpService();
    const terminator = createHttpTerminator({ server, gracefulTerminationTimeout: drainMs });
    process.once('SIGTERM', () => void terminator.terminate());
    return listen(server);
  },
} satisfies Contestant as Contestant;
