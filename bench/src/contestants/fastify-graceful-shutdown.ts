import fastifyGracefulShutdown from 'fastify-graceful-shutdown';
import type { Contestant } from '../contestant.js';
import { fastifyService, listenFastify } from '../service/fastify.js';

export default {
  name: 'fastify-graceful-shutdown',
  role: 'peer',
  kind: 'Fastify',
  tracks: { connections: false, requests: false },
  packages: ['fastify-graceful-shutdown', 'fastify'],
  setup: '`timeout` as the grace, a handler registered in `after()` as its README shows; it has no pre-drain',
  async start({ drainMs }) {
    const app = fastifyService();
    await app.register(fastifyGracefulShutdown, { timeout: drainMs });
    app.after(() => app.gracefulShutdown(async () => undefined));
    return listenFastify(app);
  },
} satisfies Contestant as Contestant;
