import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { connect as connect2, createServer as createServer2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { IdleOptions } from '../src/drain/eviction.js';
import { deferred } from './support/drainable.js';
import { quietGraceful } from './support/graceful.js';
import { ask, closeServer, portOf } from './support/http.js';

const request = 'GET / HTTP/1.1\r\nHost: test\r\n\r\n';

async function service(idle: IdleOptions, handler: RequestListener = (_, response) => response.end('ok')) {
  const graceful = quietGraceful({ idle, drain: { delayMs: 0, idleMs: 0 } });
  const server = createServer({ keepAliveTimeout: 60_000 }, handler);
  await graceful.listen(server, { port: 0, host: '127.0.0.1' });
  onTestFinished(() => closeServer(server));
  const client = async (): Promise<Socket> => {
    const accepted = once(server, 'connection');
    const socket = connect(portOf(server), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await accepted;
    return socket;
  };
  return { graceful, server, client };
}

/** Ask once, and read what comes. */
async function used(socket: Socket): Promise<string> {
  socket.write(request);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString();
}

/** Time passes when the test says so: a machine that stands still makes nobody idle. */
function stopTheClock(): void {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
}

it('closes connections that never said anything, and keeps those in use', async () => {
  stopTheClock();
  const { server, client } = await service({ evictAfterMs: 60 });
  const silent = await client();
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const halfSent = await client();
  halfSent.write('GET / HTTP/1.1\r\n');
  const [theirs] = await accepted;
  while (theirs.bytesRead === 0) await new Promise(setImmediate);
  vi.advanceTimersByTime(1_000);
  await once(silent.resume(), 'end');
  expect(halfSent.readyState).toBe('open');
  halfSent.write('Host: test\r\n\r\n');
  await once(halfSent, 'data');
  expect(server.listening).toBe(true);
});

it('promises clients of HTTP/1.1 what it keeps, and gives the server its own promise back', async () => {
  const { graceful, server } = await service({ evictAfterMs: 2_000 });
  expect((await ask(portOf(server), '/', 'GET', { connection: 'keep-alive' })).headers['keep-alive']).toBe(
    'timeout=2',
  );
  await graceful.shutdown('test');
  expect(server.keepAliveTimeout).toBe(60_000);
});

it('tells an idle client of HTTP/2 to go', async () => {
  stopTheClock();
  const graceful = quietGraceful({ idle: { evictAfterMs: 60 } });
  const server = createServer2((_, response) => void response.end('ok'));
  await graceful.listen(server, { port: 0, host: '127.0.0.1' });
  const session = connect2(`http://127.0.0.1:${portOf(server)}`);
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    session.destroy();
    await closed;
  });
  const goaway = once(session, 'goaway');
  await once(session.request({ ':path': '/' }).resume(), 'close');
  vi.advanceTimersByTime(1_000);
  expect((await goaway)[0]).toBe(0);
});

it('makes room by closing the longest idle', async () => {
  stopTheClock();
  const { graceful, client } = await service({ maxConnections: 2 });
  const first = await client();
  await used(first);
  const second = await client();
  await used(second);
  // The first is now the one that was used last.
  vi.advanceTimersByTime(10);
  await used(first);
  vi.advanceTimersByTime(2_000);
  const ended = once(second, 'end');
  const third = await client();
  await ended;
  await used(third);
  expect(await used(first)).not.toMatch(/connection: close/i);
  expect(graceful.connections).toMatchObject({ idle: 2, active: 0 });
});

it('tells those that are busy where none has been idle, and cuts none', async () => {
  const arrived = deferred();
  const held = deferred();
  let asked = 0;
  const { client } = await service({ maxConnections: 1 }, (_, response) => {
    if (++asked === 3) arrived.resolve();
    void held.promise.then(() => response.end('ok'));
  });
  const answers = [];
  for (let n = 0; n < 3; n++) {
    const socket = await client();
    socket.write(request);
    // oxlint-disable-next-line no-loop-func -- nothing of the loop is used
    answers.push(once(socket, 'data').then(([answer]) => String(answer)));
  }
  await arrived.promise;
  held.resolve();
  const told = (await Promise.all(answers)).filter((answer) => /connection: close/i.test(answer));
  expect(told.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThan(3);
});

it.each([
  ['a limit of nothing', { maxConnections: 0 }, '`idle.maxConnections`'],
  ['no time at all', { evictAfterMs: 0 }, 'more than 0'],
  ['a duration that is none', { evictAfterMs: -1 }, '`idle.evictAfterMs`'],
  ['a key that is misspelt', { evictAfter: 1 }, '"evictAfter"'],
])('refuses %s', (_, idle, words) => {
  expect(() => quietGraceful({ idle: idle as IdleOptions })).toThrow(words);
});
