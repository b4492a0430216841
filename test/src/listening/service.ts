import { execFileSync } from 'node:child_process';
import cluster from 'node:cluster';
import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import { createGraceful, type Graceful, type GracefulOptions } from '@graceful/core';
import { handoverKit } from '@graceful/core/handover';
import { createGraceful as createExpressGraceful } from '@graceful/express';
import { gracefulPlugin } from '@graceful/fastify';
import express from 'express';
import fastify from 'fastify';
import { haveTwoLocalhosts } from '../services/two-localhosts.js';
import type { ListeningConfig, Said } from './config.js';

/** A service that listens as it is told, says what came of it, and answers each request with the name of its server. */
const {
  caller = 'core',
  servers = [],
  probesPort,
  starts = false,
  moves,
  umask,
  workers = 0,
  requestsMs = 5_000,
} = JSON.parse(process.env['LISTENING_TEST'] ?? '{}') as ListeningConfig;

function say(said: Said): void {
  console.log(JSON.stringify(said));
}

/** `/` is answered; `/held` never is. */
function answering(name: string): RequestListener {
  return (request, response) => {
    if (request.url === '/held') say({ says: 'held' });
    else response.end(name);
  };
}

const options: GracefulOptions = {
  logger: false,
  drain: { delayMs: 0, idleMs: 0, requestsMs, hooksMs: 1_000 },
  ...(probesPort !== undefined && { probes: { port: probesPort, host: '127.0.0.1' } }),
};

async function serve(): Promise<Graceful> {
  switch (caller) {
    case 'core': {
      const graceful = createGraceful(options);
      for (const server of servers) await graceful.listen(answering(server.name ?? caller), server);
      return graceful;
    }
    case 'attached': {
      const graceful = createGraceful(options);
      for (const { name, ...address } of servers) {
        const server = createServer(answering(name ?? caller));
        graceful.attach(server, name === undefined ? {} : { name });
        await once(server.listen(address), 'listening');
      }
      return graceful;
    }
    case 'express': {
      const graceful = createExpressGraceful(options);
      const app = express().use(graceful.middleware(), answering(caller));
      for (const { port, path } of servers) await once(app.listen((path ?? port) as number), 'listening');
      return graceful;
    }
    case 'fastify': {
      haveTwoLocalhosts();
      const app = fastify({ forceCloseConnections: false });
      await app.register(gracefulPlugin, options);
      app.get('/', () => caller);
      for (const address of servers) await app.listen(address);
      return app.graceful;
    }
  }
}

function look(graceful: Graceful): void {
  const kit = handoverKit(graceful);
  say({
    says: 'listening',
    sockets: kit.listening().map(({ server: _server, ...socket }) => socket),
    unclaimed: kit.unclaimed().map(({ name }) => name),
  });
}

/** What a program that this one starts was given: descriptors beside its own three, and variables. */
function startProgram(): void {
  const list = 'ls -l /proc/$$/fd; env';
  const lines = execFileSync('sh', ['-c', list], { encoding: 'utf8' }).split('\n');
  say({
    says: 'child',
    descriptors: lines.filter((line) => line.includes('socket:') && !/ [012] -> /.test(line)),
    environment: lines.filter((line) => line.startsWith('LISTEN_')),
  });
}

/** The primary of a cluster, which leaves when its workers have. */
function startWorkers(count: number): void {
  let listening = 0;
  cluster.on('listening', () => {
    if (++listening === count) say({ says: 'shared' });
  });
  for (let worker = 0; worker < count; worker++) cluster.fork();
  process.on('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
  });
}

async function run(): Promise<void> {
  if (umask !== undefined) process.umask(umask);
  const graceful = await serve();
  look(graceful);
  if (starts) startProgram();
  if (moves !== undefined) process.chdir(moves);
}

if (workers > 0 && cluster.isPrimary) startWorkers(workers);
else {
  await run().catch((error: NodeJS.ErrnoException) => {
    const { name, message, code = '' } = error;
    say({ says: 'failed', name, code, message });
    process.exit(1);
  });
}
