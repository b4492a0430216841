import { createServer, type Server } from 'node:http';
import { gracefulPlugin } from '@graceful/fastify';
import fastify, { type FastifyReply } from 'fastify';
import { handler } from './handler.js';
import { listenOn } from './listen.js';
import { type Answer, noteFinish, queryOf, rawRoutes, routes } from './routes.js';
import { readConfig, run, toOptions } from './service.js';

const config = readConfig();
const app = fastify({ keepAliveTimeout: config.keepAliveMs });
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
for (const [path, route] of Object.entries(rawRoutes)) {
  app.all(path, (request, reply) => {
    reply.hijack();
    route(queryOf(request.url), reply.raw);
  });
}

function send(reply: FastifyReply, { status, body }: Answer): FastifyReply {
  return reply.code(status).type('text/plain').send(body);
}

let first = true;
await run(config, {
  graceful: app.graceful,
  listen: () =>
    listenOn(config, async (address): Promise<Server> => {
      // Fastify listens once; a second server is one that the user makes.
      if (!first) return await app.graceful.listen(createServer(handler), address);
      first = false;
      await app.listen(address);
      return app.server;
    }),
});
