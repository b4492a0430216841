import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGraceful } from '@graceful/core';

const graceful = createGraceful();

const server = http.createServer((request, response) => {
  // `GET /?ms=4000` takes four seconds: something to wait for.
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const ms = Math.min(Number(searchParams.get('ms')) || 0, 30_000);
  void sleep(ms).then(() => response.end(`hello, ${ms} ms later\n`));
});
graceful.attach(server);

graceful.onShutdown('greeter', () => sleep(100));
await graceful.listen(server, { port: Number(process.env['PORT'] || 3_000) });
