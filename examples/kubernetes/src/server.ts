import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectCompanion } from '@graceful/companion/client';
import { followDrain, followLogLevel, watchConfig } from '@graceful/config';
import { createGraceful } from '@graceful/core';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { settings } from './settings.js';

/** All addresses, unless told: the kubelet asks at the pod's. */
const host = process.env['HOST'] || undefined;
const log = pino();
const register = new Registry();

const config = await watchConfig({
  path: process.env['CONFIG'] || '/etc/orders/config.json',
  schema: settings,
  logger: log,
  metrics: { register },
});
const graceful = createGraceful({
  probes: { port: Number(process.env['PROBES_PORT'] || 3_001), host },
  logger: log,
  metrics: { register },
});
// A change of the ConfigMap takes effect without a restart.
followLogLevel(config, log, ({ logLevel }) => logLevel);
followDrain(config, graceful, ({ drain }) => drain);

// Where the pod has one; the service leaves as well without it.
if (process.env['GRACEFUL_COMPANION']) connectCompanion(graceful, { name: 'orders' });

const server = http.createServer((request, response) => void answer(request, response));
graceful.attach(server);
await graceful.listen(server, { port: Number(process.env['PORT'] || 3_000), ...(host && { host }) });

async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/metrics') {
    response.setHeader('Content-Type', register.contentType);
    response.end(await register.metrics());
    return;
  }
  // `GET /?ms=4000` takes four seconds: something to wait for.
  const ms = Math.min(Number(searchParams.get('ms')) || 0, 30_000);
  await sleep(ms);
  response.end(`an order, ${ms} ms later\n`);
}
