import {
  createGraceful as createCore,
  type Graceful,
  GracefulError,
  type GracefulOptions,
} from '@graceful/core';
import { type AdapterKit, adapterKit } from '@graceful/core/adapter';
import type { RequestHandler } from 'express';
import { uses } from './express-app.js';
import { assertSupportedExpress } from './express-version.js';

/** A {@link Graceful} with a middleware for Express 4 and 5. */
export interface ExpressGraceful extends Graceful {
  /**
   * Finds the server that the app is served by, when the app's own `listen()`
   * opened it. Counting and probes happen at that server, before any
   * middleware, so that 404s, errors and synchronous handlers are covered
   * wherever this stands in the app; best as the first.
   *
   * @throws GracefulError `ERR_GRACEFUL_MIDDLEWARE_TWICE` when called a second time
   */
  middleware(): RequestHandler;
}

/**
 * Make the lifecycle of this service, with a middleware for its Express app.
 * Options and defaults are those of `createGraceful` of `@graceful/core`.
 *
 * @throws GracefulError `ERR_GRACEFUL_OPTION` for an option that is not what it should be,
 * `ERR_GRACEFUL_FRAMEWORK` for an Express that is neither 4 nor 5
 */
export function createGraceful(options?: GracefulOptions): ExpressGraceful {
  assertSupportedExpress();
  const graceful = createCore(options);
  const kit = adapterKit(graceful);
  let made = false;
  const middleware = (): RequestHandler => {
    if (made) {
      throw new GracefulError(
        'ERR_GRACEFUL_MIDDLEWARE_TWICE',
        'Expected one call of middleware() for each graceful, got a second. Use it once, on the outermost app; further servers can be attached with attach().',
      );
    }
    made = true;
    return makeMiddleware(kit);
  };
  return Object.assign(graceful, { middleware });
}

function makeMiddleware(kit: AdapterKit): RequestHandler {
  const middleware: RequestHandler = (request, response, next) => {
    const { server } = request.socket as { server?: unknown };
    // Every request but the first of a server that no listener gave away.
    if (kit.knows(server) || !kit.active()) return next();
    if (!kit.adoptRequest(request, response)) next();
  };
  kit.findServers((server) => server.listeners('request').some((listener) => uses(listener, middleware)));
  return middleware;
}
