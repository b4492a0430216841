import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { type Answer, noteFinish, queryOf, rawRoutes, routes } from './routes.js';

/** The routes on bare Node. */
export const handler: RequestListener = (request, response) => {
  const url = request.url ?? '/';
  const path = url.replace(/\?.*/, '');
  const rawRoute = rawRoutes[path];
  if (rawRoute) return rawRoute(queryOf(url), response);
  const route = routes[path];
  if (!route) return send(response, { status: 404, body: 'not found' });
  noteFinish(url, response);
  return answer(request, response, () =>
    route({ query: queryOf(url), headers: request.headers, body: request }),
  );
};

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  ask: () => Answer | Promise<Answer>,
): void {
  const fail = (error: unknown) => {
    // A body that was cut by its client has nobody left to be answered.
    if (!request.destroyed) send(response, { status: 500, body: String(error) });
  };
  try {
    const answered = ask();
    // In the same turn where it can be: a handler that answers at once is a case of its own.
    if (answered instanceof Promise) answered.then((late) => send(response, late)).catch(fail);
    else send(response, answered);
  } catch (error) {
    fail(error);
  }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain');
  if (body instanceof Readable) body.pipe(response);
  else response.end(body);
}
