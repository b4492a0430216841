import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createGraceful } from '../src/create-graceful.js';
import type { Graceful } from '../src/graceful.js';
import type { ShutdownReport } from '../src/lifecycle/report.js';
import type { StateName } from '../src/lifecycle/state.js';
import { deferred, FakeDrainable } from './support/drainable.js';
import { quietGraceful } from './support/graceful.js';
import { ask, closeServer, portOf } from './support/http.js';
import { settled } from './support/lifecycle.js';

const watchedEvents = [
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'uncaughtException',
  'unhandledRejection',
  'exit',
  'beforeExit',
];
const listenersOfProcess = () => watchedEvents.map((name) => [name, process.listenerCount(name)]);

/** The listeners that `make` adds to the process, by their event. */
function added(make: () => void): Map<string, ((...args: unknown[]) => void)[]> {
  const before = new Map(watchedEvents.map((name) => [name, process.listeners(name as 'exit')]));
  make();
  return new Map(
    watchedEvents.map((name) => [
      name,
      process.listeners(name as 'exit').filter((listener) => !before.get(name)?.includes(listener)) as never,
    ]),
  );
}

const stateAfterMs = (report: ShutdownReport, wanted: StateName) =>
  report.states.find(({ state }) => state === wanted)?.afterMs;
const lameDuckMs = (report: ShutdownReport) => stateAfterMs(report, 'draining');

describe('a graceful', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0); // nothing left behind
    vi.useRealTimers();
  });

  it('begins in "starting", with no report, nothing in flight and no connection', () => {
    const graceful = quietGraceful();
    expect(graceful).toMatchObject({
      state: 'starting',
      report: undefined,
      inFlight: 0,
      connections: { new: 0, active: 0, idle: 0, hijacked: 0, closed: 0 },
    });
    expect(graceful.draining.aborted).toBe(false);
    expect(graceful.expired.aborted).toBe(false);
  });

  it('leaves in the time of the design by default: 5 s, 15 s, 5 s', async () => {
    const graceful = quietGraceful();
    graceful.ready();
    void graceful.track(new Promise(() => {}));
    graceful.onShutdown('pool', () => new Promise(() => {}));
    const report = await settled(graceful.shutdown('test'));
    expect(report.states.map(({ state, afterMs }) => [state, afterMs])).toEqual([
      ['lame-duck', 0],
      ['draining', 5_000],
      ['closing', 20_000],
      ['stopped', expect.closeTo(25_000, -2)], // it has looked for what holds the event loop
    ]);
  });

  it('skips the lame-duck where nothing has ever listened: nobody balances towards it', async () => {
    const graceful = quietGraceful();
    expect(lameDuckMs(await settled(graceful.shutdown('test')))).toBe(0);
  });

  it('keeps the lame-duck while it is held back: balancers may not have noticed yet', async () => {
    const graceful = quietGraceful();
    graceful.ready();
    graceful.notReady('for a while');
    expect(lameDuckMs(await settled(graceful.shutdown('test')))).toBe(5_000);
  });

  it('shares one run between all who call shutdown(), and one exit', async () => {
    const exit = vi.fn();
    const graceful = quietGraceful({ exit, uncaughtErrors: false });
    graceful.ready();
    const runs = [graceful.shutdown('first'), graceful.shutdown('second')];
    graceful.on('state', () => void runs.push(graceful.shutdown('from a listener')));
    graceful.draining.addEventListener('abort', () => void runs.push(graceful.shutdown('from a signal')));
    const report = await settled(runs[0] as Promise<ShutdownReport>);
    expect(await Promise.all(runs)).toEqual(runs.map(() => report));
    await vi.advanceTimersByTimeAsync(10);
    expect(exit).toHaveBeenCalledExactlyOnceWith(0);
    expect(graceful.report).toBe(report);
    expect(graceful.report?.reason).toBe('first');
  });

  it('exits once, where a listener asks for the shutdown in the moment it begins', async () => {
    const exit = vi.fn();
    const graceful = quietGraceful({ exit, uncaughtErrors: false });
    graceful.ready();
    graceful.on('state', () => void graceful.shutdown('again'));
    graceful.draining.addEventListener('abort', () => void graceful.shutdown('again'));
    const report = await settled(graceful.shutdown('first'));
    await vi.advanceTimersByTimeAsync(10);
    expect(exit).toHaveBeenCalledOnce();
    expect(report.reason).toBe('first');
  });

  it('exits with 1 when something was dropped', async () => {
    const exit = vi.fn();
    const graceful = quietGraceful({ exit, uncaughtErrors: false });
    void graceful.track(new Promise(() => {}));
    await settled(graceful.shutdown('test'));
    await vi.advanceTimersByTimeAsync(10);
    expect(exit).toHaveBeenCalledExactlyOnceWith(1);
  });

  it('hands out its report before it exits', async () => {
    const order: string[] = [];
    const graceful = quietGraceful({ exit: () => void order.push('exit'), uncaughtErrors: false });
    const leaving = graceful.shutdown('test').then(() => void order.push('report'));
    await settled(leaving);
    await vi.advanceTimersByTimeAsync(10);
    expect(order).toEqual(['report', 'exit']);
  });

  it('calls its reason "shutdown()" where none was given', async () => {
    expect((await settled(quietGraceful().shutdown())).reason).toBe('shutdown()');
  });

  it('keeps a deadline that came before the shutdown', async () => {
    const graceful = quietGraceful();
    graceful.ready();
    void graceful.track(new Promise(() => {}));
    graceful.shortenDeadline(1_000);
    expect(stateAfterMs(await settled(graceful.shutdown('test')), 'closing')).toBeLessThanOrEqual(1_000);
  });

  it('drives what the user lets take part', async () => {
    const graceful = quietGraceful();
    graceful.ready();
    const queue = new FakeDrainable('queue').done();
    queue.pending = 2;
    graceful.drains(queue);
    expect(graceful.inFlight).toBe(2);
    const report = await settled(graceful.shutdown('test'));
    expect(queue.steps).toEqual(['lameDuck', 'stopAccepting', 'drained']);
    expect(report.drainables.map(({ name }) => name)).toContain('queue');
  });
});

describe('tracked work', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is handed back as it came, and counted until it settles', async () => {
    const graceful = quietGraceful();
    const work = deferred<string>();
    expect(graceful.track(work.promise)).toBe(work.promise);
    expect(graceful.inFlight).toBe(1);
    work.resolve('done');
    expect(await work.promise).toBe('done');
    await vi.advanceTimersByTimeAsync(0);
    expect(graceful.inFlight).toBe(0);
  });

  it('is waited for, also where more of it begins in the drain', async () => {
    const graceful = quietGraceful();
    const first = deferred();
    const second = deferred();
    const leaving = graceful.shutdown('test');
    void graceful.track(first.promise);
    await vi.advanceTimersByTimeAsync(1_000);
    void graceful.track(second.promise);
    first.resolve();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(graceful.state).toBe('draining');
    second.resolve();
    const report = await settled(leaving);
    expect(report.verdict).toBe('clean');
    expect(stateAfterMs(report, 'closing')).toBe(2_000);
  });

  it('that is left at the end of the budget is counted as dropped', async () => {
    const graceful = quietGraceful();
    for (let n = 0; n < 3; n++) void graceful.track(new Promise(() => {}));
    const report = await settled(graceful.shutdown('test'));
    expect(report.drainables).toContainEqual(expect.objectContaining({ dropped: 3 }));
    expect(report.verdict).toBe('forced');
  });

  it('that fails while the service runs is told, and does not end it', async () => {
    const graceful = quietGraceful();
    const told = vi.fn();
    graceful.on('error', told);
    const error = new Error('no');
    graceful.track(Promise.reject(error)).catch(() => {});
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toHaveBeenCalledExactlyOnceWith({ error, from: 'tracked work' });
    expect(graceful.state).toBe('starting');
    expect(graceful.inFlight).toBe(0);
  });

  it('that nobody else listens to is no unhandled rejection', async () => {
    vi.useRealTimers();
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    const graceful = quietGraceful();
    void graceful.track(Promise.reject(new Error('no')));
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('the process', () => {
  it('is listened to for signals and uncaught errors, and let go by uninstall()', () => {
    const before = listenersOfProcess();
    const graceful = createGraceful({ logger: false });
    expect(listenersOfProcess()).toEqual(
      before.map(([name, count]) => [
        name,
        Number(count) + Number(['SIGTERM', 'SIGINT', 'uncaughtException'].includes(String(name))),
      ]),
    );
    graceful.uninstall();
    expect(listenersOfProcess()).toEqual(before);
    graceful.uninstall();
    expect(listenersOfProcess()).toEqual(before);
  });

  it('is let go at the end where it goes on: exit is false', async () => {
    const before = listenersOfProcess();
    const graceful = createGraceful({ logger: false, exit: false });
    await graceful.shutdown('test');
    expect(listenersOfProcess()).toEqual(before);
  });

  it('is not listened to where nobody asked for it', () => {
    const before = listenersOfProcess();
    const graceful = createGraceful({ logger: false, signals: [], uncaughtErrors: false });
    expect(listenersOfProcess()).toEqual(before);
    graceful.uninstall();
  });

  it('keeps its own uncaught errors where exit is false', () => {
    const before = process.listenerCount('uncaughtException');
    quietGraceful({ exit: false });
    expect(process.listenerCount('uncaughtException')).toBe(before);
  });

  it('leaves when a signal comes, and another one changes nothing', async () => {
    const graceful = quietGraceful({ signals: ['SIGHUP', 'SIGUSR2'] });
    const signals: unknown[] = [];
    graceful.on('signal', (event) => void signals.push(event));
    process.emit('SIGHUP', 'SIGHUP');
    process.emit('SIGHUP', 'SIGHUP'); // the same press, delivered twice
    process.emit('SIGUSR2', 'SIGUSR2');
    const report = await graceful.shutdown('joins');
    expect(report).toMatchObject({ reason: 'SIGHUP', verdict: 'clean', furtherSignals: ['SIGUSR2'] });
    expect(signals).toEqual([
      { signal: 'SIGHUP', first: true },
      { signal: 'SIGUSR2', first: false },
    ]);
  });

  it.each(['uncaughtException', 'unhandledRejection'] as const)(
    'leaves with 1 when an error was caught by nobody: %s',
    async (origin) => {
      const exit = vi.fn();
      const printed = vi.spyOn(console, 'error').mockReturnValue();
      onTestFinished(() => printed.mockRestore());
      let graceful!: Graceful;
      const listeners = added(() => {
        graceful = quietGraceful({ exit, uncaughtErrors: true });
      });
      onTestFinished(() => {
        for (const listener of listeners.get('uncaughtException') ?? [])
          process.off('uncaughtException', listener);
      });
      const error = Object.assign(new TypeError('x is not a function'), { code: 'ERR_X' });
      for (const listener of listeners.get('uncaughtException') ?? []) listener(error, origin);
      const report = await graceful.shutdown('joins');
      expect(report).toMatchObject({
        reason: origin,
        verdict: 'failed',
        exitCode: 1,
        errors: [{ name: 'TypeError', message: 'x is not a function', code: 'ERR_X', from: origin }],
      });
      await vi.waitUntil(() => exit.mock.calls.length > 0);
      expect(exit).toHaveBeenCalledExactlyOnceWith(1);
      // Node would have printed it, and there is no logger here to do so.
      expect(printed).toHaveBeenCalledWith(error);
    },
  );
});

describe('a start that a signal overtook', () => {
  it('is no fault of the service: what listen() throws then does not turn the verdict', async () => {
    let graceful!: Graceful;
    const listeners = added(() => {
      graceful = quietGraceful({ uncaughtErrors: true });
    });
    const told = vi.fn();
    graceful.on('error', told);
    const work = deferred();
    void graceful.track(work.promise);
    const leaving = graceful.shutdown('SIGTERM');
    const error = await graceful.listen(() => {}, { port: 0 }).catch((thrown: unknown) => thrown);
    for (const listener of listeners.get('uncaughtException') ?? []) listener(error, 'unhandledRejection');
    work.resolve();
    expect(await leaving).toMatchObject({ verdict: 'clean', exitCode: 0, errors: [] });
    expect(told).toHaveBeenCalledExactlyOnceWith({ error, from: 'unhandledRejection' });
  });
});

describe('a server', () => {
  it('is listened on, attached, and serves', async () => {
    const graceful = quietGraceful({ drain: { delayMs: 0 } });
    const server = await graceful.listen((_, response) => void response.end('ok'), {
      port: 0,
      host: '127.0.0.1',
    });
    expect(server.listening).toBe(true);
    expect(await ask(portOf(server), '/')).toMatchObject({ status: 200, body: 'ok' });
    await graceful.shutdown('test');
    expect(server.listening).toBe(false);
  });

  it('that the user made is handed back', async () => {
    const graceful = quietGraceful({ drain: { delayMs: 0 } });
    const server = createServer((_, response) => void response.end('ok'));
    expect(await graceful.listen(server, { port: 0, host: '127.0.0.1' })).toBe(server);
    await graceful.shutdown('test');
  });

  it('on a Unix socket works as well', async () => {
    const path = `/tmp/graceful-test-${process.pid}.sock`;
    const graceful = quietGraceful({ drain: { delayMs: 0 } });
    const server = await graceful.listen(() => {}, { path });
    expect(server.address()).toBe(path);
    expect(await graceful.shutdown('test')).toMatchObject({ verdict: 'clean' });
    expect(server.listening).toBe(false);
  });

  it('is one of several under one lifecycle, each with its name in the report', async () => {
    const graceful = quietGraceful({ drain: { delayMs: 0 } });
    const address = { port: 0, host: '127.0.0.1' };
    const servers = [
      await graceful.listen(() => {}, address),
      await graceful.listen(() => {}, address),
      await graceful.listen(() => {}, { ...address, name: 'admin' }),
    ];
    const report = await graceful.shutdown('test');
    expect(report.drainables.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['http', 'http 2', 'admin']),
    );
    expect(servers.map(({ listening }) => listening)).toEqual([false, false, false]);
  });

  it('answers with "Connection: close" in the lame-duck, and goes on serving', async () => {
    const graceful = quietGraceful({ drain: { delayMs: 60_000 } });
    const server = await graceful.listen((_, response) => void response.end('ok'), {
      port: 0,
      host: '127.0.0.1',
    });
    const keepAlive = { connection: 'keep-alive' };
    expect((await ask(portOf(server), '/', 'GET', keepAlive)).headers.connection).toBe('keep-alive');
    const leaving = graceful.shutdown('test');
    const answer = await ask(portOf(server), '/', 'GET', keepAlive);
    expect(answer).toMatchObject({ status: 200, body: 'ok', headers: { connection: 'close' } });
    graceful.shortenDeadline(50);
    expect(await leaving).toMatchObject({
      verdict: 'clean',
      requests: { servedInLameDuck: 1, served: 1, dropped: 0 },
    });
  });

  it('has its request in flight finished before the hooks run', async () => {
    const graceful = quietGraceful({ drain: { delayMs: 0 } });
    const arrived = deferred();
    const answer = deferred();
    const order: string[] = [];
    const server = await graceful.listen(
      (_, response) => {
        arrived.resolve();
        void answer.promise.then(() => {
          order.push('answered');
          response.end('whole');
        });
      },
      { port: 0, host: '127.0.0.1' },
    );
    graceful.onShutdown('pool', () => void order.push('pool closed'));
    const asked = ask(portOf(server), '/');
    await arrived.promise;
    const leaving = graceful.shutdown('test');
    answer.resolve();
    expect(await asked).toMatchObject({ status: 200, body: 'whole' });
    expect(await leaving).toMatchObject({
      verdict: 'clean',
      requests: { inFlightAtStart: 1, served: 1, dropped: 0 },
    });
    expect(order).toEqual(['answered', 'pool closed']);
  });

  it('that is closed by its owner takes part no more, and gives its name back', async () => {
    const graceful = quietGraceful({ drain: { delayMs: 0 } });
    const first = await graceful.listen(() => {}, { port: 0, host: '127.0.0.1', name: 'api' });
    await closeServer(first);
    await graceful.listen(() => {}, { port: 0, host: '127.0.0.1', name: 'api' });
    expect(graceful.state).toBe('ready');
    expect((await graceful.shutdown('test')).drainables.filter(({ name }) => name === 'api')).toHaveLength(1);
  });
});

describe('uninstall()', () => {
  it('leaves a server as it was, serving as if nothing had been attached', async () => {
    const server = createServer((_, response) => void response.end('the app'));
    const { emit } = server;
    const listeners = () => server.eventNames().map((name) => [name, server.listenerCount(name)]);
    const before = listeners();
    const graceful = quietGraceful();
    graceful.attach(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => closeServer(server));
    expect((await ask(portOf(server), '/healthz')).body).toContain('"status":"ok"');
    graceful.uninstall();
    expect(server.emit).toBe(emit);
    expect(listeners()).toEqual(before);
    expect((await ask(portOf(server), '/healthz')).body).toBe('the app');
  });

  it('does nothing while a shutdown runs, which takes everything back at its end', async () => {
    const before = listenersOfProcess();
    const graceful = createGraceful({ logger: false, exit: false });
    const work = deferred();
    void graceful.track(work.promise);
    const leaving = graceful.shutdown('test');
    graceful.uninstall();
    expect(listenersOfProcess()).not.toEqual(before);
    work.resolve();
    expect(await leaving).toMatchObject({ verdict: 'clean' });
    expect(listenersOfProcess()).toEqual(before);
  });

  it('stops the checks, and leaves no timer', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const graceful = quietGraceful();
    const check = vi.fn();
    graceful.addCheck('cache', check);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(check).toHaveBeenCalledTimes(2);
    graceful.uninstall();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(check).toHaveBeenCalledTimes(2);
  });
});

describe('attaching again', () => {
  const slowServer = async () => {
    const arrived = deferred();
    const answer = deferred();
    const server = createServer((request, response) => {
      if (request.url !== '/slow') {
        response.end('quick');
        return;
      }
      arrived.resolve();
      void answer.promise.then(() => response.end('whole'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => closeServer(server));
    return { server, arrived, answer };
  };

  it.each(['by another graceful after uninstall()', 'by the same after its handle was disposed'])(
    '%s waits for a request on a connection that was there before',
    async (how) => {
      const { server, arrived, answer } = await slowServer();
      const before = quietGraceful({ drain: { delayMs: 0 } });
      const handle = before.attach(server);
      const { Agent, get } = await import('node:http');
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      onTestFinished(() => agent.destroy());
      const asking = (path: string) =>
        new Promise<string>((resolve, reject) => {
          get({ host: '127.0.0.1', port: portOf(server), path, agent }, (response) => {
            response.resume().on('end', () => resolve('answered'));
          }).on('error', reject);
        });
      await asking('/');

      let graceful = before;
      if (how.startsWith('by another')) {
        before.uninstall();
        graceful = quietGraceful({ drain: { delayMs: 0 } });
      } else {
        handle[Symbol.dispose]();
      }
      graceful.attach(server);
      const slow = asking('/slow');
      await arrived.promise;
      expect(graceful).toMatchObject({ inFlight: 1, connections: { active: 1, idle: 0, new: 0 } });
      const draining = new Promise<void>((resolve) => {
        graceful.on('state', ({ state }) => state === 'draining' && resolve());
      });
      const leaving = graceful.shutdown('test');
      await draining;
      answer.resolve();
      expect(await slow).toBe('answered');
      expect(await leaving).toMatchObject({
        verdict: 'clean',
        requests: { inFlightAtStart: 1, served: 1, dropped: 0 },
      });
    },
  );
});
