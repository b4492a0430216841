import stoppable from 'stoppable';
import type { Contestant } from '../contestant.js';
import { nodeHttpService } from '../service/node-http.js';
import { onSigterm } from '../service/on-sigterm.js';
import { serve } from '../service/serve.js';

export default {
  name: 'stoppable',
  role: 'peer',
  kind: 'node:http',
  tracks: { connections: true, requests: true },
  packages: ['stoppable'],
  setup:
    '`grace` as the grace, `stop()` on SIGTERM, whose `gracefully` makes the exit code; it has no pre-drain',
  async start({ drainMs }) {
    const server = stoppable(nodeHttpService(), drainMs);
    onSigterm(() => {
      server.stop((_error, gracefully) => {
        process.exitCode = gracefully ? 0 : 1;
      });
    });
    return serve(server);
  },
} satisfies Contestant as Contestant;
