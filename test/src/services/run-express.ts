import { createServer, type Server } from 'node:http';
import type { createGraceful } from '@graceful/express';
import type { Express } from 'express';
import type { ServiceConfig } from '../harness/protocol.js';
import { useRoutes } from './express-routes.js';
import { listenOn, type TestAddress } from './listen.js';
import { run } from './service.js';

/** `graceful.listen(app, …)`, as the README says. */
export async function runExpress(
  config: ServiceConfig,
  app: Express,
  graceful: ReturnType<typeof createGraceful>,
): Promise<void> {
  app.use(graceful.middleware());
  useRoutes(app);
  let first = true;
  const listen = async (address: TestAddress): Promise<Server> => {
    // A second server of the same app is one that the user makes.
    const server = await (first
      ? graceful.listen(app, address)
      : graceful.listen(createServer(app), address));
    first = false;
    server.keepAliveTimeout = config.keepAliveMs;
    return server;
  };
  await run(config, { graceful, listen: () => listenOn(config, listen) });
}
