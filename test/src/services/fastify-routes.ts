import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Answer, noteFinish, queryOf, rawRoutes, routes } from './routes.js';

/** The routes on Fastify, sent as its users send. */
export function useRoutes(app: FastifyInstance): void {
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
}

function send(reply: FastifyReply, { status, body }: Answer): FastifyReply {
  return reply.code(status).type('text/plain').send(body);
}
