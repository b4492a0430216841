import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createGraceful } from '@graceful/core';
import { handover } from '@graceful/handover';
import { Notifier } from '@graceful/handover/systemd';

/**
 * A service as a unit runs it. What it answers, and how it comes to grief,
 * stands in a file that its first argument names: a new version is another
 * text in it. With `in-process` as the second it replaces itself.
 */
const [file = '', form] = process.argv.slice(2);
const { version, mishap } = JSON.parse(readFileSync(file, 'utf8')) as { version: string; mishap?: string };
if (mishap === 'exit') process.exit(7);

const print = (_fields: object, message: string) => console.log(message);
const graceful = createGraceful({
  logger: { info: print, warn: print, error: print },
  metrics: false,
  drain: { delayMs: 0, requestsMs: 20_000, hooksMs: 1_000 },
});
if (form === 'in-process') {
  handover(graceful, { pidFile: `${process.env['RUNTIME_DIRECTORY']}/pid`, overlapMs: 100 });
  // As docs/systemd.md shows it for Type=notify.
  const systemd = new Notifier();
  graceful.on('state', ({ state }) => {
    if (state === 'ready') void systemd.ready();
  });
}
const server = createServer((request, response) => {
  if (request.url === '/environment') {
    response.end(JSON.stringify(Object.keys(process.env)));
    return;
  }
  // Answered when the service leaves, and only then.
  if (request.url === '/hold') {
    response.writeHead(200).flushHeaders();
    const answer = () => response.end(`${version} ${process.pid}`);
    if (graceful.draining.aborted) answer();
    else graceful.draining.addEventListener('abort', answer, { once: true });
    return;
  }
  // Never answered: only SIGKILL ends a service with one of these in time.
  if (request.url === '/stuck') {
    response.writeHead(200).flushHeaders();
    return;
  }
  response.end(`${version} ${process.pid}`);
});
await graceful.listen(server, { host: '127.0.0.1', port: Number(process.env['PORT'] ?? 0), name: 'http' });
