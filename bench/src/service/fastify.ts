import type { Server } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fastify, type FastifyInstance } from 'fastify';
import { address } from './listen.js';
import { feed, largeReport, order, postWorkMs, sendEvents, slowMs } from './orders.js';
import { certificate, protocol } from './server.js';
import { openWebSockets } from './web-sockets.js';

/** An app that speaks what is asked for; its type is that of one that speaks HTTP/1.1, as everything here is written for. */
function create(): FastifyInstance {
  switch (protocol) {
    case 'https':
      return fastify({ https: certificate() });
    case 'http2':
      return fastify({
        http2: true,
        https: { ...certificate(), allowHTTP1: true },
      }) as unknown as FastifyInstance;
    default:
      return fastify();
  }
}

/** The routes on a new app; a library's plugin may be registered on it afterwards. */
export function fastifyService(): FastifyInstance {
  const app = create();
  app.get('/orders/events', (_request, reply) => {
    reply.hijack();
    sendEvents(reply.raw);
  });
  app.get('/orders/:id', async () => order);
  app.post('/orders', () => delay(postWorkMs, order));
  app.get('/reports/slow', (request) => delay(slowMs(request.url), order));
  app.get('/reports/feed', async (_request, reply) => reply.send(Readable.from(feed())));
  app.get('/reports/never', () => new Promise(() => undefined));
  app.get('/reports/large', async () => largeReport());
  return app;
}

export async function listenFastify(
  app: FastifyInstance,
  webSockets: (server: Server) => unknown = openWebSockets,
): Promise<number> {
  webSockets(app.server);
  const url = await app.listen(address);
  return Number(new URL(url).port);
}
