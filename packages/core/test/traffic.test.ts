import { expect, it, onTestFinished } from 'vitest';
import { deferred } from './support/drainable.js';
import { quietGraceful } from './support/graceful.js';
import { ask, closeServer, portOf } from './support/http.js';

it('says how long traffic went on after the shutdown began', async () => {
  const graceful = quietGraceful({
    drain: { delayMs: { minMs: 100, maxMs: 60_000, quietMs: 20 }, idleMs: 0 },
  });
  const server = await graceful.listen((_, response) => void response.end('ok'), {
    port: 0,
    host: '127.0.0.1',
  });
  onTestFinished(() => closeServer(server));
  await ask(portOf(server), '/');
  const answered = deferred();
  graceful.on('state', ({ state }) => {
    if (state === 'lame-duck') void ask(portOf(server), '/').then(() => answered.resolve());
  });
  const leaving = graceful.shutdown('test');
  await answered.promise;
  const { traffic, durationMs } = await leaving;
  expect(traffic.connections).toBe(1);
  expect(traffic.lastConnectionMs).toBeGreaterThan(0);
  expect(traffic.lastRequestMs).toBeGreaterThanOrEqual(traffic.lastConnectionMs);
  expect(traffic.lastRequestMs).toBeLessThan(durationMs);
});

it('says 0 where none came', async () => {
  const graceful = quietGraceful({ drain: { delayMs: 0 } });
  const server = await graceful.listen(() => {}, { port: 0, host: '127.0.0.1' });
  onTestFinished(() => closeServer(server));
  const { traffic } = await graceful.shutdown('test');
  expect(traffic).toEqual({ connections: 0, lastConnectionMs: 0, lastRequestMs: 0 });
});
