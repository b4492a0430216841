import type { Contestant } from '../contestant.js';
import { fastifyService, listenFastify } from '../service/fastify.js';
import { onSigterm } from '../service/on-sigterm.js';

export default {
  name: 'Fastify, app.close()',
  role: 'bare',
  kind: 'Fastify',
  tracks: { connections: false, requests: false },
  packages: ['fastify'],
  setup: '`app.close()` on SIGTERM, then the process ends when nothing is left',
  async start() {
    const app = fastifyService();
    onSigterm(() => void app.close());
    return listenFastify(app);
  },
} satisfies Contestant as Contestant;
