import type { Contestant } from '../contestant.js';
import { nodeHttpService } from '../service/node-http.js';
import { onSigterm } from '../service/on-sigterm.js';
import { serve } from '../service/serve.js';

export default {
  name: 'node:http again (A/A control)',
  role: 'control',
  kind: 'node:http',
  tracks: { connections: false, requests: false },
  packages: [],
  setup: 'the same server a second time: how far its ratio is from 1 is the noise of the run',
  async start() {
    const server = nodeHttpService();
    onSigterm(() => server.close());
    return serve(server);
  },
} satisfies Contestant as Contestant;
