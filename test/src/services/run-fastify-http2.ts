import type { Server } from 'node:net';
import { gracefulPlugin } from '@graceful/fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { compatHandler } from './compat-handler.js';
import { listenOn } from './listen.js';
import { type Answer, noteFinish, queryOf, routes } from './routes.js';
import { readConfig, run, toOptions } from './service.js';

/** A Fastify app over HTTP/2, by the plugin alone. */
export async function runFastifyHttp2(app: FastifyInstance): Promise<void> {
  const config = readConfig();
  await app.register(gracefulPlugin, toOptions(config));
  // Bodies are left unread, as the other services leave them: whether one is read is the route's business.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  for (const [path, route] of Object.entries(routes)) {
    app.all(path, (request, reply) => {
      noteFinish(request.url, reply.raw);
      const answered = route({ query: queryOf(request.url), headers: request.headers, body: request.raw });
      if (!(answered instanceof Promise)) return send(reply, answered);
      return answered.then((late) => send(reply, late));
    });
  }
  for (const path of ['/empty', '/unchanged', '/trailers', '/drop']) {
    app.all(path, (request, reply) => {
      reply.hijack();
      compatHandler(request.raw, reply.raw);
    });
  }
  await run(config, {
    graceful: app.graceful,
    listen: () =>
      listenOn(config, async (address): Promise<Server> => {
        await app.listen(address);
        return app.server;
      }),
  });
}

function send(reply: FastifyReply, { status, body }: Answer): FastifyReply {
  return reply.code(status).type('text/plain').send(body);
}
