import { createServer, type Server } from 'node:http';
import { gracefulPlugin } from '@graceful/fastify';
import type { FastifyInstance } from 'fastify';
import type { ServiceConfig } from '../harness/protocol.js';
import { useRoutes } from './fastify-routes.js';
import { handler } from './handler.js';
import { listenOn } from './listen.js';
import { run, toOptions } from './service.js';

/** The plugin and `app.listen(…)`, as the README says. */
export async function runFastify(config: ServiceConfig, app: FastifyInstance): Promise<void> {
  await app.register(gracefulPlugin, toOptions(config));
  useRoutes(app);
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
}
