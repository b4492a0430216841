import type { Contestant } from '../contestant.js';
import { expressService } from '../service/express.js';
import { onSigterm } from '../service/on-sigterm.js';
import { createServer } from '../service/server.js';
import { serve } from '../service/serve.js';

export default {
  name: 'Express 5, server.close()',
  role: 'bare',
  kind: 'Express 5',
  tracks: { connections: false, requests: false },
  packages: ['express'],
  setup: '`server.close()` on SIGTERM, then the process ends when nothing is left',
  async start() {
    const server = createServer(expressService());
    onSigterm(() => server.close());
    return serve(server);
  },
} satisfies Contestant as Contestant;
