import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { deferred } from './support/drainable.js';
import { quietGraceful } from './support/graceful.js';
import { ask, closeServer, portOf } from './support/http.js';

it('counts and drains a server that was closed and listens again', async () => {
  const graceful = quietGraceful({ drain: { delayMs: 0, idleMs: 0 } });
  const arrived = deferred();
  const answer = deferred();
  const server = createServer((_, response) => {
    arrived.resolve();
    void answer.promise.then(() => response.end('whole'));
  });
  graceful.attach(server, { name: 'api' });
  for (let time = 0; time < 2; time++) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await closeServer(server);
  }
  server.listen(0, '127.0.0.1');
  onTestFinished(() => closeServer(server));
  await once(server, 'listening');
  expect((await ask(portOf(server), '/readyz')).status).toBe(200);
  const asked = ask(portOf(server), '/');
  await arrived.promise;
  expect(graceful).toMatchObject({ inFlight: 1, connections: { active: 1 } });
  const leaving = graceful.shutdown('test');
  answer.resolve();
  expect((await asked).body).toBe('whole');
  const report = await leaving;
  expect(report).toMatchObject({ verdict: 'clean', requests: { inFlightAtStart: 1, served: 1 } });
  expect(report.drainables.filter(({ name }) => name === 'api')).toHaveLength(1);
});

it('lets a server be that listens again after uninstall()', async () => {
  const graceful = quietGraceful();
  const server = createServer();
  const { emit } = server;
  graceful.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await closeServer(server);
  graceful.uninstall();
  server.listen(0, '127.0.0.1');
  onTestFinished(() => closeServer(server));
  await once(server, 'listening');
  expect(server.emit).toBe(emit);
});
