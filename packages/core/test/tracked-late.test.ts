import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { deferred } from './support/drainable.js';
import { quietGraceful } from './support/graceful.js';
import { ask, closeServer, portOf } from './support/http.js';

it('waits for work that a request in flight tracks during the drain, and only then closes', async () => {
  const graceful = quietGraceful({ drain: { delayMs: 0, idleMs: 0 } });
  const order: string[] = [];
  const arrived = deferred();
  const answer = deferred();
  const work = deferred();
  const server = await graceful.listen(
    (_, response) => {
      arrived.resolve();
      void answer.promise.then(() => {
        void graceful.track(work.promise);
        response.end('whole');
      });
    },
    { port: 0, host: '127.0.0.1' },
  );
  onTestFinished(() => closeServer(server));
  graceful.onShutdown('pool', () => void order.push('pool closed'));
  const asked = ask(portOf(server), '/');
  await arrived.promise;
  const draining = once(graceful.draining, 'abort');
  const closed = once(server, 'close');
  const leaving = graceful.shutdown('test');
  await draining;
  answer.resolve();
  expect((await asked).body).toBe('whole');
  await closed;
  // Whatever does not wait for the work would close the pool now.
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  order.push('work done');
  work.resolve();
  expect(await leaving).toMatchObject({ verdict: 'clean', requests: { served: 1, dropped: 0 } });
  expect(order).toEqual(['work done', 'pool closed']);
});
