import type { Contestant } from '../contestant.js';
import { nodeHttpService } from '../service/node-http.js';
import { onSigterm } from '../service/on-sigterm.js';
import { serve } from '../service/serve.js';

export default {
  name: 'node:http, server.close()',
  role: 'bare',
  kind: 'node:http',
  tracks: { connections: false, requests: false },
  packages: [],
  setup: '`server.close()` on SIGTERM, then the process ends when nothing is left',
  async start() {
    const server = nodeHttpService();
    onSigterm(() => server.close());
    return serve(server);
  },
} satisfies Contestant as Contestant;
