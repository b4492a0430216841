import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connect2, createServer as createServer2, type ServerHttp2Session } from 'node:http2';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { quietGraceful } from './support/graceful.js';
import { ask, closeServer, portOf } from './support/http.js';

const address = { port: 0, host: '127.0.0.1' };
const head = { 'Content-Type': 'text/event-stream' };

describe('a server that leaves', () => {
  it('is not kept in memory by the timer that looks for slow requests', async () => {
    const graceful = quietGraceful({ drain: { delayMs: 0 } });
    const server = await graceful.listen(() => {}, address);
    const symbol = Object.getOwnPropertySymbols(server).find(
      ({ description }) => description === 'http.server.connectionsCheckingInterval',
    ) as symbol;
    const timer = (server as unknown as Record<symbol, { _destroyed: boolean }>)[symbol];
    expect(timer?._destroyed).toBe(false);
    await graceful.shutdown('test');
    expect(timer?._destroyed).toBe(true);
  });

  it('lets go of idle clients well before the budget is spent, whatever it promised them', async () => {
    const graceful = quietGraceful({ drain: { delayMs: 0, requestsMs: 2_000 } });
    const server = createServer({ keepAliveTimeout: 60_000 }, (_, response) => void response.end('ok'));
    await graceful.listen(server, address);
    const socket = connect(portOf(server), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    await once(socket, 'data');
    const report = await graceful.shutdown('test');
    expect(report).toMatchObject({ verdict: 'clean', connections: { idle: 1, forced: 0 } });
    expect(graceful.expired.aborted).toBe(false);
  });

  it('over HTTP/2 is not disturbed by a timeout of its sessions', async () => {
    const graceful = quietGraceful({ drain: { delayMs: 100 } });
    const server = createServer2((_, response) => void response.end('ok'));
    server.setTimeout(60_000);
    const begun = once(server, 'session') as Promise<[ServerHttp2Session]>;
    await graceful.listen(server, address);
    const session = connect2(`http://127.0.0.1:${portOf(server)}`);
    session.on('error', () => {});
    onTestFinished(() => session.destroy());
    await once(session.request({ ':path': '/' }).resume(), 'close');
    // Within the lame-duck, and not while it still serves.
    (await begun)[0].setTimeout(20);
    expect(await graceful.shutdown('test')).toMatchObject({ verdict: 'clean', errors: [] });
  });

  it('names tracked work once where it was forced', async () => {
    const graceful = quietGraceful({ drain: { delayMs: 0, requestsMs: 30, hooksMs: 50 } });
    graceful.ready();
    void graceful.track(new Promise(() => {}));
    const { drainables } = await graceful.shutdown('test');
    expect(drainables.map(({ name, dropped }) => [name, dropped])).toEqual([['tracked work', 1]]);
  });
});

it('a shorter deadline brings the turns of event streams forward', async () => {
  const graceful = quietGraceful({ drain: { delayMs: 0, idleMs: 0, requestsMs: 60_000, spreadMs: 60_000 } });
  const server = createServer((_, response) => {
    response.writeHead(200, head);
    response.write(':\n\n');
  });
  await graceful.listen(server, address);
  onTestFinished(() => closeServer(server));
  const streams = Array.from({ length: 100 }, () => ask(portOf(server), '/'));
  await new Promise<void>((resolve) => {
    const look = () => (graceful.inFlight === streams.length ? resolve() : void setImmediate(look));
    look();
  });
  graceful.on('state', ({ state }) => {
    if (state === 'draining') setImmediate(() => graceful.shortenDeadline(2_000));
  });
  expect(await graceful.shutdown('test')).toMatchObject({ verdict: 'clean', requests: { served: 100 } });
  for (const { body } of await Promise.all(streams)) expect(body).toContain('retry:');
});

it('what was put over the emit of a server lets it listen again after the end', async () => {
  const graceful = quietGraceful({ drain: { delayMs: 0 } });
  const server = await graceful.listen((_, response) => void response.end('ok'), address);
  const { emit } = server;
  server.emit = function (this: typeof server, ...args: [string]) {
    return emit.apply(this, args);
  } as typeof emit;
  await graceful.shutdown('test');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => closeServer(server));
  const answer = await ask(portOf(server), '/readyz', 'GET', { connection: 'keep-alive' });
  expect(answer).toMatchObject({ body: 'ok', headers: { connection: 'keep-alive' } });
});

it('a server that was taken out does not come back when it listens again', async () => {
  const graceful = quietGraceful();
  const server = createServer();
  const part = graceful.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await closeServer(server);
  part[Symbol.dispose]();
  const { emit } = server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => closeServer(server));
  expect(server.emit).toBe(emit);
});

it('a server that cannot take part again, as another has its name, is told of', async () => {
  const graceful = quietGraceful();
  const errors: unknown[] = [];
  graceful.on('error', ({ error }) => void errors.push(error));
  const server = createServer();
  graceful.attach(server, { name: 'web' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await closeServer(server);
  graceful.attach(createServer(), { name: 'web' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => closeServer(server));
  expect(errors).toMatchObject([{ code: 'ERR_GRACEFUL_DUPLICATE_DRAINABLE' }]);
});

it('whoever calls close() in the lame-duck closes nothing yet, and hears of it when it is closed', async () => {
  const graceful = quietGraceful({ drain: { delayMs: 100 } });
  const server = await graceful.listen((_, response) => void response.end('ok'), address);
  const closed = new Promise<void>((resolve) => {
    graceful.onShutdown('old habit', () => void server.close(() => resolve()), { phase: 'drain' });
  });
  const leaving = graceful.shutdown('test');
  expect((await ask(portOf(server), '/')).body).toBe('ok');
  expect(server.listening).toBe(true);
  await Promise.all([closed, leaving]);
  expect(server.listening).toBe(false);
});

it('ends an event stream over HTTP/2 whose head is written in capitals', async () => {
  const graceful = quietGraceful({ drain: { delayMs: 0 } });
  const server = createServer2();
  server.on('stream', (stream) => {
    stream.respond({ ':status': 200, 'Content-Type': 'text/event-stream' });
    stream.write('data: one\n\n');
  });
  await graceful.listen(server, address);
  const session = connect2(`http://127.0.0.1:${portOf(server)}`);
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':path': '/' });
  await once(stream, 'data');
  const ended = once(stream.resume(), 'close');
  expect(await graceful.shutdown('test')).toMatchObject({ verdict: 'clean', requests: { served: 1 } });
  await ended;
  expect(stream.rstCode).toBe(0);
});

it.each([
  ['longer telling than there is a lame-duck', { drain: { delayMs: 100, tellMs: 200 } }, '`drain.tellMs`'],
  [
    'a longer spread than there is a budget',
    { drain: { requestsMs: 100, spreadMs: 200 } },
    '`drain.spreadMs`',
  ],
  ['no eviction at all', { idle: null }, '`idle`'],
])('refuses %s', (_, options, words) => {
  expect(() => quietGraceful(options as never)).toThrow(words);
});
