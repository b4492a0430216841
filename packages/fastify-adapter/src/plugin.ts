import {
  createGraceful,
  type Graceful,
  GracefulError,
  type GracefulOptions,
  type Logger,
} from '@graceful/core';
import { adapterKit } from '@graceful/core/adapter';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { answerProbesInRoutes } from './probe-routes.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** The lifecycle of this service. */
    graceful: Graceful;
  }
}

/** What other plugins registered with `onClose` runs in this hook, of the phase `close`. */
const hookName = 'fastify';

const register: FastifyPluginAsync<GracefulOptions> = async (app, options) => {
  assertSupportedFastify(app.version);
  if (app.hasDecorator('graceful')) {
    throw new GracefulError(
      'ERR_GRACEFUL_MIDDLEWARE_TWICE',
      'Expected gracefulPlugin to be registered once for each app, got a second time. Register it once, on the outermost app.',
    );
  }
  const graceful = createGraceful({ ...defaultLogger(app), ...options });
  try {
    tie(app, graceful);
  } catch (error) {
    // Fastify refuses to start: what was installed must not outlive that.
    graceful.uninstall();
    throw error;
  }
};

function tie(app: FastifyInstance, graceful: Graceful): void {
  const kit = adapterKit(graceful);
  app.decorate('graceful', graceful);
  kit.adopt(app.server);
  // With `localhost` Fastify opens a second server, for the other address family, around the same handler.
  kit.findServers((server) => handlers(server).some((handler) => handlers(app.server).includes(handler)));
  answerProbesInRoutes(app, kit);

  // Not before the drain: from the first tick of `close()` Fastify answers 503,
  // and can then wait for its keep-alive timeout of 72 s.
  graceful.onShutdown(hookName, () => app.close());
  app.addHook('onClose', async () => graceful.uninstall());
}

/**
 * graceful for Fastify 5: `await app.register(gracefulPlugin, options)`, then
 * `app.graceful`. Options and defaults are those of `createGraceful` of
 * `@graceful/core`, but for `logger`: Fastify's own, where it has one.
 *
 * @throws GracefulError `ERR_GRACEFUL_OPTION`, `ERR_GRACEFUL_FRAMEWORK` for a Fastify that is not 5,
 * `ERR_GRACEFUL_MIDDLEWARE_TWICE`
 */
export const gracefulPlugin: FastifyPluginAsync<GracefulOptions> = fastifyPlugin(register, {
  name: '@graceful/fastify',
});

function assertSupportedFastify(version: string): void {
  if (version.startsWith('5.')) return;
  throw new GracefulError(
    'ERR_GRACEFUL_FRAMEWORK',
    `Expected Fastify 5, got ${version}. Install it, or use @graceful/core with graceful.attach(app.server).`,
  );
}

/** Without `logger: true` Fastify's log writes nothing and has no level; the report is worth its line even then. */
function defaultLogger(app: FastifyInstance): { logger?: Logger } {
  return app.log.level === undefined ? {} : { logger: app.log };
}

function handlers(server: { listeners(event: string): unknown[] }): unknown[] {
  return server.listeners('request');
}
