import closeWithGrace from 'close-with-grace';
import type { Contestant } from '../contestant.js';
import { fastifyService, listenFastify } from '../service/fastify.js';

export default {
  name: 'close-with-grace',
  role: 'peer',
  kind: 'Fastify',
  tracks: { connections: false, requests: false },
  packages: ['close-with-grace', 'fastify'],
  setup: '`delay` as the grace, `app.close()` as its README shows for Fastify; it has no pre-drain',
  async start({ drainMs }) {
    const app = fastifyService();
    closeWithGrace({ delay: drainMs }, async () => {
      await app.close();
    });
    return listenFastify(app);
  },
} satisfies Contestant as Contestant;
