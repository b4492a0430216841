import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { followDrain, followLogLevel, watchConfig } from '@graceful/config';
import { createGraceful } from '@graceful/core';
import { pino } from 'pino';
import { z } from 'zod';

const logger = pino();
const graceful = createGraceful({ logger });

const milliseconds = z.number().int().min(0).max(600_000);
const schema = z.strictObject({
  greeting: z.string().min(1),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
  drain: z
    .strictObject({ delayMs: milliseconds, requestsMs: milliseconds, hooksMs: milliseconds })
    .partial()
    .default({}),
});

// In a pod, CONFIG names a file in a mounted ConfigMap. A first value that is bad ends the service here, and its log says why.
const path = process.env['CONFIG'] || new URL('../config.json', import.meta.url);
const config = await watchConfig({ path, schema, logger });
followLogLevel(config, logger, ({ logLevel }) => logLevel);
followDrain(config, graceful, ({ drain }) => drain);

const server = http.createServer((request, response) => {
  logger.debug({ url: request.url }, 'request');
  // `GET /?ms=4000` takes four seconds: something to wait for.
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const ms = Math.min(Number(searchParams.get('ms')) || 0, 30_000);
  // What is in force when it is needed, not when the service started.
  void sleep(ms).then(() => response.end(`${config.value.greeting}\n`));
});

await graceful.listen(server, { port: Number(process.env['PORT'] || 3_000) });
