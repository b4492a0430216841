import withShutdown from 'http-shutdown';
import type { Contestant } from '../contestant.js';
import { nodeHttpService } from '../service/node-http.js';
import { onSigterm } from '../service/on-sigterm.js';
import { serve } from '../service/serve.js';

export default {
  name: 'http-shutdown',
  role: 'peer',
  kind: 'node:http',
  tracks: { connections: true, requests: true },
  packages: ['http-shutdown'],
  setup: '`shutdown()` on SIGTERM; it has no budget and no pre-drain',
  async start() {
    const server = withShutdown(nodeHttpService());
    onSigterm(() => server.shutdown(() => undefined));
    return serve(server);
  },
} satisfies Contestant as Contestant;
