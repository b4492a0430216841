import { spawn, spawnSync } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { setTimeout as after } from 'node:timers/promises';
import { createGraceful } from '@graceful/core';
import { handover } from '@graceful/handover';
import { certificate } from '../../services/certificate.js';
import type { Behaviour } from '../behaviour.js';

/** A service without a word of supervisors, but where a test wants it to hand on what it knows. */
const behaviour = JSON.parse(process.argv[2] ?? '{}') as Behaviour;
const { version = 'v1', drain, tls, path, memory, ignores, goes } = behaviour;
let remembered = 0;
let undone = 0;

for (const signal of ignores ?? []) process.on(signal, () => {});
if (goes?.at === 'start') go();

const graceful = createGraceful({
  drain: { delayMs: 0, idleMs: 1_000, ...drain },
  signals: ignores ? [] : ['SIGTERM', 'SIGINT'],
  logger: false,
});
if (memory) {
  handover(graceful, {
    state: {
      save: () => {
        if (memory === 'cannot be saved') throw new Error('it has been lost');
        return { remembered, ballast: 'x'.repeat(behaviour.ballast ?? 0) };
      },
      restore: (state) => {
        if (memory === 'cannot be taken') throw new Error('it makes no sense');
        remembered = (state as { remembered: number }).remembered;
      },
      undo: () => {
        undone++;
      },
    },
  });
}
if (behaviour.neverReady) graceful.notReady('it never is');
const handler = (request: IncomingMessage, response: ServerResponse) => void answer(request, response);
const server = tls ? createSecureServer(certificate, handler) : createServer(handler);
await graceful.listen(server, { port: 0, name: 'http' });
if (path !== undefined) await graceful.listen(createServer(handler), { path, name: 'unix' });
if (goes?.at === 'listening') go();
// Its shell ends at once, and it a moment later: an orphan by then, and nobody of ours waits for it.
if (behaviour.orphan) spawn('sh', ['-c', '(sleep 0.2; exec true) &'], { stdio: 'ignore' });
if (behaviour.talks) setInterval(() => console.log('x'.repeat(behaviour.talks ?? 0)), 5);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  let bytes = 0;
  for await (const chunk of request) bytes += (chunk as Buffer).length;
  if (url.pathname === '/slow') await after(Number(url.searchParams.get('ms')));
  if (url.pathname === '/exit') process.exit(7);
  if (url.pathname === '/throw-outside') setImmediate(() => fail());
  if (url.pathname === '/throw') fail();
  if (url.pathname === '/remember') remembered += 1;
  const environment = url.pathname === '/environment-of-a-child' ? environmentOfChild() : undefined;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ version, pid: process.pid, bytes, remembered, undone, environment }));
}

function environmentOfChild(): string[] {
  return Object.keys(
    JSON.parse(
      spawnSync(process.execPath, ['-p', 'JSON.stringify(process.env)']).stdout.toString(),
    ) as object,
  );
}

function fail(): never {
  throw new Error('as a defect does');
}

function go(): void {
  if (goes?.signal) process.kill(process.pid, goes.signal);
  else process.exit(goes?.code ?? 0);
}
