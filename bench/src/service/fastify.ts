import { setTimeout as delay } from 'node:timers/promises';
import { fastify, type FastifyInstance } from 'fastify';
import { largeReport, order, postWorkMs, slowMs } from './orders.js';

/** The routes on a new app; a library's plugin may be registered on it afterwards. */
export function fastifyService(): FastifyInstance {
  const app = fastify();
  app.get('/orders/:id', async () => order);
  app.post('/orders', () => delay(postWorkMs, order));
  app.get('/reports/slow', (request) => delay(slowMs(request.url), order));
  app.get('/reports/large', async () => largeReport());
  return app;
}

export async function listenFastify(app: FastifyInstance): Promise<number> {
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  return Number(new URL(address).port);
}
