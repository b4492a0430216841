import { connectCompanion } from '@graceful/companion/client';
import { createGraceful, type Graceful } from '@graceful/core';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ClientServiceConfig } from './config.js';

const config = JSON.parse(process.env['GRACEFUL_TEST'] ?? '{}') as ClientServiceConfig;
const options = { drain: config.drain ?? {} };
const address = { host: '127.0.0.1', port: 0 };

/** `/?ms=` so much later; `/never`, never. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://service');
  if (pathname === '/never') return;
  setTimeout(() => response.end('hello'), Number(searchParams.get('ms') ?? 0));
}

function connect(graceful: Graceful): void {
  connectCompanion(graceful, { name: 'orders', ...config.companion });
  for (const [index, length] of (config.failingHooks ?? []).entries()) {
    graceful.onShutdown(`hook ${index}`, () => Promise.reject(new Error('x'.repeat(length))));
  }
}

async function serve(): Promise<Server | undefined> {
  switch (config.framework ?? 'core') {
    case 'core': {
      const graceful = createGraceful(config.idle ? { ...options, signals: [] } : options);
      connect(graceful);
      return config.idle ? undefined : await graceful.listen(answer, address);
    }
    // Loaded where they are used: to start is most of what most tests take.
    case 'express': {
      const [{ createGraceful: createForExpress }, { default: express }] = await Promise.all([
        import('@graceful/express'),
        import('express'),
      ]);
      const graceful = createForExpress(options);
      connect(graceful);
      const app = express();
      app.use(graceful.middleware(), answer);
      return await graceful.listen(app, address);
    }
    case 'fastify': {
      const [{ gracefulPlugin }, { fastify }] = await Promise.all([
        import('@graceful/fastify'),
        import('fastify'),
      ]);
      const app = fastify();
      await app.register(gracefulPlugin, options);
      connect(app.graceful);
      app.all('*', (request, reply) => {
        reply.hijack();
        answer(request.raw, reply.raw);
      });
      await app.listen(address);
      return app.server;
    }
  }
}

const server = await serve();
const port = (server?.address() as AddressInfo | undefined)?.port;
console.log(JSON.stringify({ msg: 'the program has begun', port }));
