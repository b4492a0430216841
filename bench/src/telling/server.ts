import { readFileSync } from 'node:fs';
import { createServer as createPlain } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { createGraceful } from '@graceful/core';
import type { Grace } from '../contestant.js';
import { portOf } from '../service/listen.js';
import type { FromInstance, InstanceConfig } from './instance.js';

/** One instance of a service: says its port, when it stops listening, and what CPU time it has used. */
const [config = '', grace = ''] = process.argv.slice(2);
const { tellMs, tls } = JSON.parse(config) as InstanceConfig;
const { preDrainMs, drainMs } = JSON.parse(grace) as Grace;

function tell(message: FromInstance): void {
  process.send?.(message);
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const graceful = createGraceful({
  drain: { delayMs: preDrainMs, requestsMs: drainMs, ...(tellMs !== undefined && { tellMs }) },
  logger: false,
});
graceful.on('state', ({ state }) => {
  if (state === 'draining') tell({ lameDuckOver: true });
});
process.on('message', () => tell({ cpuMs: cpuMs() }));
// The run is over, or died: no instance is to outlive it.
process.once('disconnect', () => process.exit());

const answer = (_request: unknown, response: { end(body: string): unknown }): void => void response.end('ok');
const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../../../test/fixtures/test-only-${name}.pem`, import.meta.url));
const server = tls
  ? createSecure({ cert: fixture('cert'), key: fixture('key') }, answer)
  : createPlain(answer);
await graceful.listen(server, { port: 0, host: '127.0.0.1' });
tell({ port: portOf(server) });
