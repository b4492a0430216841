import { createHttpTerminator } from 'http-terminator';
import type { Contestant } from '../contestant.js';
import { nodeHttpService } from '../service/node-http.js';
import { onSigterm } from '../service/on-sigterm.js';
import { serve } from '../service/serve.js';

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
    onSigterm(() => void terminator.terminate());
    return serve(server);
  },
} satisfies Contestant as Contestant;
