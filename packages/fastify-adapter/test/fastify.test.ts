import dns from 'node:dns';
import { EventEmitter, once } from 'node:events';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { handoverKit } from '@graceful/core/handover';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import Fastify4 from 'fastify4';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { gracefulPlugin, type GracefulOptions } from '../src/index.js';

const drain = { delayMs: 0, idleMs: 0 };
const quiet: GracefulOptions = { logger: false, signals: [], exit: false, drain };

/** An app with the plugin, which keeps its hands off the process. */
async function makeApp(
  options: GracefulOptions = {},
  server: FastifyServerOptions = {},
): Promise<FastifyInstance> {
  const app = Fastify(server);
  await app.register(gracefulPlugin, { ...quiet, ...options });
  onTestFinished(() => app.close());
  return app;
}

const portOf = (app: FastifyInstance) => (app.server.address() as AddressInfo).port;

/** One request on a connection of its own; status, `Connection` and body of its answer. */
function ask(
  port: number,
  path: string,
  host = '127.0.0.1',
): Promise<{ status: number | undefined; connection: string | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    get({ host, port, path, headers: { connection: 'keep-alive' }, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, connection: response.headers.connection, body }),
      );
      response.on('error', reject);
    }).on('error', reject);
  });
}

function gate(): { promise: Promise<void>; open: () => void } {
  let open!: () => void;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

async function thrownBy(call: () => PromiseLike<unknown>): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('Expected it to reject');
}

const processListeners = () =>
  ['SIGTERM', 'SIGINT', 'uncaughtException', 'unhandledRejection'].map((name) => process.listenerCount(name));

describe('the plugin', () => {
  it('gives the app its graceful', async () => {
    const app = await makeApp();
    expect(app.graceful).toMatchObject({ state: 'starting', inFlight: 0 });
    await app.listen({ port: 0, host: '127.0.0.1' });
    expect(app.graceful.state).toBe('ready');
  });

  it('reaches every plugin of the app, however it is nested', async () => {
    const app = await makeApp();
    const closed: string[] = [];
    await app.register(async (nested) => {
      nested.graceful.onShutdown('nested', () => void closed.push('nested'));
    });
    await app.ready();
    await app.graceful.shutdown('test');
    expect(closed).toEqual(['nested']);
  });

  it('is registered once: a second time is an error that says where', async () => {
    const app = await makeApp();
    expect(await thrownBy(() => app.register(gracefulPlugin, quiet))).toMatchObject({
      code: 'ERR_GRACEFUL_MIDDLEWARE_TWICE',
      message: expect.stringMatching(/once for each app.*outermost app/),
    });
  });

  it('is registered once, nested plugins included', async () => {
    const app = await makeApp();
    const nested = app.register(async (inner) => {
      await inner.register(gracefulPlugin, quiet);
    });
    expect(await thrownBy(() => nested)).toMatchObject({ code: 'ERR_GRACEFUL_MIDDLEWARE_TWICE' });
  });

  it('refuses Fastify 4, and says what to do', async () => {
    const app = Fastify4();
    expect(await thrownBy(() => app.register(gracefulPlugin as never, quiet))).toMatchObject({
      code: 'ERR_GRACEFUL_FRAMEWORK',
      message: expect.stringMatching(
        /Expected Fastify 5, got 4\.\d+\.\d+\. .*graceful\.attach\(app\.server\)/,
      ),
    });
  });

  it.each([
    ['a negative budget', { drain: { delayMs: -1 } }, '`drain.delayMs`'],
    ['an option that is misspelt', { probe: false }, '"probe"'],
  ])('refuses %s', async (_, options, words) => {
    expect(
      await thrownBy(() => Fastify().register(gracefulPlugin, { ...quiet, ...options } as never)),
    ).toMatchObject({
      code: 'ERR_GRACEFUL_OPTION',
      message: expect.stringContaining(words),
    });
  });

  it('writes to Fastify’s own log where there is one', async () => {
    const lines: { msg: string }[] = [];
    const stream = new Writable({
      write: (chunk: Buffer, _, done) => {
        lines.push(JSON.parse(String(chunk)));
        done();
      },
    });
    const app = Fastify({ logger: { stream } });
    const { logger: _none, ...options } = quiet;
    await app.register(gracefulPlugin, options);
    app.graceful.ready();
    await app.graceful.shutdown('test');
    const messages = lines.map(({ msg }) => msg);
    expect(messages).toContain('state ready');
    expect(messages).toContain('shutdown clean');
    expect(lines.find(({ msg }) => msg === 'shutdown clean')).toMatchObject({ report: { verdict: 'clean' } });
  });
});

describe('probes', () => {
  it('are answered at the server', async () => {
    const app = await makeApp();
    await app.listen({ port: 0, host: '127.0.0.1' });
    expect(await ask(portOf(app), '/readyz?verbose')).toMatchObject({
      status: 200,
      body: expect.stringContaining('"state":"ready"'),
    });
  });

  it('are answered to inject(), where there is no server', async () => {
    const app = await makeApp();
    const live = await app.inject('/healthz?verbose');
    expect(live.statusCode).toBe(200);
    expect(live.json()).toMatchObject({ status: 'ok', state: 'starting' });
    expect(live.headers['cache-control']).toBe('no-store');
    expect((await app.inject('/readyz')).statusCode).toBe(503);
    app.graceful.ready();
    expect((await app.inject('/readyz')).statusCode).toBe(200);
    expect((await app.inject('/startupz')).statusCode).toBe(200);
  });

  it('answer HEAD to inject() too, and leave POST to the app', async () => {
    const app = await makeApp();
    expect(await app.inject({ method: 'HEAD', url: '/healthz' })).toMatchObject({
      statusCode: 200,
      body: '',
    });
    expect((await app.inject({ method: 'POST', url: '/healthz' })).statusCode).toBe(404);
  });

  it('tell inject() of the check that fails', async () => {
    const app = await makeApp();
    app.graceful.addCheck('postgres', () => Promise.reject(undefined));
    app.graceful.ready();
    const ready = await app.inject('/readyz');
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toMatchObject({ checks: { postgres: { status: 'fail' } } });
  });

  it('leave the path to the user where they are switched off', async () => {
    const app = await makeApp({ probes: { liveness: false } });
    app.get('/healthz', async () => 'mine');
    await app.listen({ port: 0, host: '127.0.0.1' });
    expect((await app.inject('/healthz')).body).toBe('mine');
    expect((await ask(portOf(app), '/healthz')).body).toBe('mine');
    expect((await ask(portOf(app), '/readyz')).body).toContain('"status":"ok"');
  });

  it('leave all paths to the user where probes are false', async () => {
    const app = await makeApp({ probes: false });
    expect((await app.inject('/healthz')).statusCode).toBe(404);
  });
});

describe('the shutdown', () => {
  it('ends the drain before app.close() begins: what is in flight gets its answer, and no 503', async () => {
    const app = await makeApp();
    const arrived = gate();
    const answer = gate();
    const order: string[] = [];
    app.get('/', async () => {
      arrived.open();
      await answer.promise;
      order.push('answered');
      return 'whole';
    });
    app.addHook('onClose', async () => void order.push('onClose'));
    await app.listen({ port: 0, host: '127.0.0.1' });
    const asked = ask(portOf(app), '/');
    await arrived.promise;
    const leaving = app.graceful.shutdown('test');
    answer.open();
    expect(await asked).toEqual({ status: 200, connection: 'close', body: 'whole' });
    const report = await leaving;
    expect(order).toEqual(['answered', 'onClose']);
    expect(report).toMatchObject({ verdict: 'clean', requests: { served: 1, dropped: 0 } });
    expect(report.hooks).toMatchObject([{ name: 'fastify', phase: 'close', result: 'ok' }]);
  });

  it('goes on serving in the lame-duck, 404s included, and says close', async () => {
    const app = await makeApp({ drain: { delayMs: 60_000, idleMs: 0 } });
    app.get('/', async () => 'ok');
    await app.listen({ port: 0, host: '127.0.0.1' });
    const leaving = app.graceful.shutdown('test');
    expect(await ask(portOf(app), '/')).toEqual({ status: 200, connection: 'close', body: 'ok' });
    expect(await ask(portOf(app), '/nowhere')).toMatchObject({ status: 404, connection: 'close' });
    app.graceful.shortenDeadline(50);
    expect((await leaving).requests).toMatchObject({ servedInLameDuck: 2, dropped: 0 });
  });

  it('runs hooks that come after Fastify’s own close', async () => {
    const app = await makeApp();
    const order: string[] = [];
    app.addHook('onClose', async () => void order.push('onClose'));
    app.graceful.onShutdown('postgres', () => void order.push('postgres'), { after: 'fastify' });
    app.graceful.ready();
    expect(await app.graceful.shutdown('test')).toMatchObject({ verdict: 'clean' });
    expect(order).toEqual(['onClose', 'postgres']);
  });

  it('reports an onClose of another plugin that fails', async () => {
    const app = Fastify();
    await app.register(gracefulPlugin, quiet);
    app.addHook('onClose', async () => {
      throw new Error('pool is broken');
    });
    app.graceful.ready();
    expect(await app.graceful.shutdown('test')).toMatchObject({
      verdict: 'failed',
      hooks: [{ name: 'fastify', result: 'failed', error: { message: 'pool is broken' } }],
    });
  });

  it('drains the second server of a dual-stack listen as well', async () => {
    // Fastify opens a server for each address of `localhost`; two are given here, as not every machine has ::1.
    const app = await makeApp();
    const found = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
    vi.spyOn(dns, 'lookup').mockImplementation((host: string, ...rest: unknown[]) => {
      const done = rest.pop() as (error: null, ...answer: unknown[]) => void;
      // Fastify asks for all addresses of `localhost`, Node for one of whatever it is to bind.
      if (rest.length > 0) setImmediate(done, null, found);
      else setImmediate(done, null, host === 'localhost' ? found[0]?.address : host, 4);
    });
    onTestFinished(() => void vi.restoreAllMocks());
    const asked = new EventEmitter();
    const bothAsked = once(asked, 'both');
    const released = once(asked, 'release');
    let requests = 0;
    app.get('/', async () => {
      if (++requests === 2) asked.emit('both');
      await released;
      return 'ok';
    });
    await app.listen({ port: 0, host: 'localhost' });
    const addresses = app.addresses();
    expect(addresses).toHaveLength(2);
    const answers = addresses.map(({ address, port }) => fetch(`http://${address}:${port}/`));
    await bothAsked;

    const report = app.graceful.shutdown('test');
    asked.emit('release');

    expect(await Promise.all(answers.map(async (answer) => (await answer).text()))).toEqual(['ok', 'ok']);
    expect(await report).toMatchObject({ verdict: 'clean', requests: { inFlightAtStart: 2, served: 2 } });
    expect((await report).drainables.filter(({ name }) => name.startsWith('http'))).toHaveLength(2);
    expect((await report).heldBy.filter((name) => name.startsWith('server on'))).toEqual([]);
  });
});

describe('app.close() by the user', () => {
  it('takes everything back: no shutdown is begun, and the process is let go', async () => {
    const before = processListeners();
    const app = Fastify();
    await app.register(gracefulPlugin, { logger: false });
    expect(processListeners()).not.toEqual(before);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const closed = once(app.server, 'close');
    await app.close();
    await closed;
    expect(processListeners()).toEqual(before);
    expect(app.graceful.report).toBeUndefined();
  });
});

describe('app.listen()', () => {
  it('waits for whoever holds the service back, and listens then', async () => {
    const app = await makeApp();
    const { promise, open } = gate();
    const asked: unknown[] = [];
    handoverKit(app.graceful).holdListen(({ name, server }) => {
      asked.push([name, server === app.server]);
      return promise;
    });
    const listening = app.listen({ port: 0, host: '127.0.0.1' });
    await vi.waitFor(() => expect(asked).toEqual([['http', true]]));
    expect(app.server.listening).toBe(false);
    open();
    expect(await listening).toBe(`http://127.0.0.1:${portOf(app)}`);
    expect(app.graceful.state).toBe('ready');
  });

  it('rejects with what holds it back for good', async () => {
    const app = await makeApp();
    const no = new Error('no');
    handoverKit(app.graceful).holdListen(() => Promise.reject(no));
    expect(await thrownBy(() => app.listen({ port: 0, host: '127.0.0.1' }))).toBe(no);
  });

  it('rejects when the app is closed before it may', async () => {
    const app = await makeApp();
    const { promise, open } = gate();
    const asked = gate();
    handoverKit(app.graceful).holdListen(() => {
      asked.open();
      return promise;
    });
    const listening = thrownBy(() => app.listen({ port: 0, host: '127.0.0.1' }));
    await asked.promise;
    await app.close();
    open();
    expect(await listening).toMatchObject({ code: 'ERR_GRACEFUL_LISTEN' });
    expect(app.server.listening).toBe(false);
  });

  it('rejects as ever when the address is taken', async () => {
    const [first, second] = [await makeApp(), await makeApp()];
    await first.listen({ port: 0, host: '127.0.0.1' });
    handoverKit(second.graceful).holdListen(() => Promise.resolve());
    expect(await thrownBy(() => second.listen({ port: portOf(first), host: '127.0.0.1' }))).toMatchObject({
      code: 'EADDRINUSE',
      syscall: 'listen',
    });
  });
});
