import { setTimeout as sleep } from 'node:timers/promises';
import { gracefulPlugin } from '@graceful/fastify';
import Fastify from 'fastify';

const app = Fastify({ logger: true });
await app.register(gracefulPlugin);

// `GET /?ms=4000` takes four seconds: something to wait for.
app.get<{ Querystring: { ms?: string } }>('/', async (request) => {
  const ms = Math.min(Number(request.query.ms) || 0, 30_000);
  await sleep(ms);
  return { hello: 'world', ms };
});

app.graceful.onShutdown('greeter', () => sleep(100));
await app.listen({ port: Number(process.env['PORT'] || 3_000) });
