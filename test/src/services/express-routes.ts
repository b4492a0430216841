import { Readable } from 'node:stream';
import type { Express, Response } from 'express';
import { type Answer, noteFinish, queryOf, rawRoutes, routes } from './routes.js';

/** The routes on Express 4 or 5, sent as its users send. */
export function useRoutes(app: Express): void {
  for (const [path, route] of Object.entries(routes)) {
    app.all(path, (request, response, next) => {
      noteFinish(request.originalUrl, response);
      const { headers, originalUrl } = request;
      const answered = route({ query: queryOf(originalUrl), headers, body: request });
      if (answered instanceof Promise) answered.then((late) => send(response, late)).catch(next);
      else send(response, answered);
    });
  }
  for (const [path, route] of Object.entries(rawRoutes)) {
    app.all(path, (request, response) => route(queryOf(request.originalUrl), response));
  }
}

function send(response: Response, { status, body }: Answer): void {
  response.status(status).type('text/plain');
  if (body instanceof Readable) body.pipe(response);
  else response.send(body);
}
