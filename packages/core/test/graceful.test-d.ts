import http, { type RequestListener, type Server } from 'node:http';
import https from 'node:https';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expectTypeOf, it } from 'vitest';
import {
  type ConnectionCounts,
  createGraceful,
  type Drainable,
  type DrainOptions,
  errorCodes,
  type Graceful,
  GracefulError,
  type GracefulErrorCode,
  type GracefulOptions,
  type HookReport,
  isGracefulError,
  type Logger,
  type ShutdownReport,
  type StateName,
} from '../src/index.js';

// Nothing here runs: that it compiles is the test.
declare const handler: RequestListener;
declare const pool: { query(sql: string): Promise<unknown>; end(): Promise<void> };
declare const consumer: { stop(): Promise<void> };

describe('the programs of the design', () => {
  it('compile: node:http', async () => {
    const graceful = createGraceful();
    const server = http.createServer(handler);
    expectTypeOf(graceful.attach(server)).toEqualTypeOf<Disposable>();
    expectTypeOf(await graceful.listen(server, { port: 3000 })).toEqualTypeOf<Server>();
  });

  it('compile: every option', () => {
    const register = new Registry();
    const graceful = createGraceful({
      drain: { delayMs: 5_000, requestsMs: 15_000, hooksMs: 5_000 },
      probes: { liveness: '/healthz', readiness: '/readyz', startup: '/startupz', port: undefined },
      logger: pino(),
      metrics: { register },
      signals: ['SIGTERM', 'SIGINT'],
      exit: (code) => process.exit(code),
    });
    expectTypeOf(graceful).toEqualTypeOf<Graceful>();
  });

  it('compile: everything switched off', () => {
    createGraceful({
      probes: false,
      logger: false,
      metrics: false,
      signals: [],
      exit: false,
      uncaughtErrors: false,
    });
    createGraceful({ probes: { liveness: false } });
    createGraceful({ drain: { delayMs: { minMs: 0, maxMs: 5_000, quietMs: 500 }, idleMs: 0 } });
  });

  it('compile: checks and hooks', () => {
    const graceful = createGraceful();
    graceful.addCheck('postgres', () => pool.query('select 1'), { timeoutMs: 1_000, everyMs: 5_000 });
    graceful.addCheck('disk', ({ signal }) => fetch('http://127.0.0.1/disk', { signal }));
    graceful.onShutdown('orders-consumer', () => consumer.stop(), { phase: 'drain' });
    graceful.onShutdown('postgres', () => pool.end());
    graceful.onShutdown('cache', async ({ signal, reason }) => {
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(reason).toEqualTypeOf<string>();
    });
    graceful.onShutdown('log', () => {}, { phase: 'flush', after: ['postgres', 'cache'], timeoutMs: 500 });
  });
});

describe('a graceful', () => {
  it('has the members of the design', () => {
    expectTypeOf<Graceful['state']>().toEqualTypeOf<StateName>();
    expectTypeOf<StateName>().toEqualTypeOf<
      'starting' | 'ready' | 'lame-duck' | 'draining' | 'closing' | 'stopped'
    >();
    expectTypeOf<Graceful['report']>().toEqualTypeOf<ShutdownReport | undefined>();
    expectTypeOf<Graceful['inFlight']>().toEqualTypeOf<number>();
    expectTypeOf<Graceful['connections']>().toEqualTypeOf<ConnectionCounts>();
    expectTypeOf<keyof ConnectionCounts>().toEqualTypeOf<'new' | 'active' | 'idle' | 'hijacked' | 'closed'>();
    expectTypeOf<Graceful['draining']>().toEqualTypeOf<AbortSignal>();
    expectTypeOf<Graceful['expired']>().toEqualTypeOf<AbortSignal>();
    expectTypeOf<Graceful['shutdown']>().toEqualTypeOf<(reason?: string) => Promise<ShutdownReport>>();
    expectTypeOf<Graceful['shortenDeadline']>().toEqualTypeOf<(remainingMs: number) => void>();
    expectTypeOf<Graceful['setDrain']>().toEqualTypeOf<(drain: DrainOptions) => void>();
    expectTypeOf<Graceful['uninstall']>().toEqualTypeOf<() => void>();
  });

  it('cannot be changed from outside', () => {
    const graceful = createGraceful();
    // @ts-expect-error -- only the lifecycle moves the state
    graceful.state = 'ready';
    // @ts-expect-error -- the report is evidence
    (graceful.report as ShutdownReport).exitCode = 0;
  });

  it('hands back the promise that it tracks', () => {
    const graceful = createGraceful();
    expectTypeOf(graceful.track(Promise.resolve(5))).toEqualTypeOf<Promise<number>>();
    // @ts-expect-error -- there is nothing to wait for
    void graceful.track(5);
  });

  it('hands back a handle for everything that is registered', () => {
    const graceful = createGraceful();
    const drainable: Drainable = {
      name: 'queue',
      stopAccepting() {},
      drained: async () => {},
      force: () => 0,
    };
    expectTypeOf(graceful.drains(drainable)).toEqualTypeOf<Disposable>();
    expectTypeOf(graceful.addCheck('a', () => {})).toEqualTypeOf<Disposable>();
    expectTypeOf(graceful.onShutdown('a', () => {})).toEqualTypeOf<Disposable>();
    expectTypeOf(graceful.on('state', () => {})).toEqualTypeOf<Disposable>();
  });

  it('hands back the very server that it lets listen', async () => {
    const graceful = createGraceful();
    expectTypeOf(await graceful.listen(https.createServer(), { port: 0 })).toEqualTypeOf<https.Server>();
    expectTypeOf(
      await graceful.listen(handler, { path: '/run/orders.sock', name: 'http' }),
    ).toEqualTypeOf<Server>();
    // @ts-expect-error -- an address is needed
    void graceful.listen(handler);
  });

  it('types each event', () => {
    const graceful = createGraceful();
    graceful.on('state', (event) => {
      expectTypeOf(event.state).toEqualTypeOf<StateName>();
      expectTypeOf(event.previous).toEqualTypeOf<StateName>();
      expectTypeOf(event.reason).toEqualTypeOf<string | undefined>();
    });
    graceful.on('hook', (event) => expectTypeOf(event).toExtend<HookReport>());
    graceful.on('check', (event) => expectTypeOf(event.status).toEqualTypeOf<'pass' | 'fail'>());
    graceful.on('signal', (event) => expectTypeOf(event.first).toEqualTypeOf<boolean>());
    graceful.on('error', (event) => expectTypeOf(event.error).toEqualTypeOf<unknown>());
    graceful.on('report', (event) => expectTypeOf(event).toEqualTypeOf<ShutdownReport>());
    // @ts-expect-error -- there is no such event
    graceful.on('stat', () => {});
  });
});

describe('the options', () => {
  it('are refused by the compiler where it can tell', () => {
    // @ts-expect-error -- a budget is a number of milliseconds
    createGraceful({ drain: { delayMs: '5s' } });
    // @ts-expect-error -- misspelt
    createGraceful({ logge: false });
    // @ts-expect-error -- not a signal
    createGraceful({ signals: ['SIGTREM'] });
    // @ts-expect-error -- a code is given to a function
    createGraceful({ exit: 0 });
    // @ts-expect-error -- an adaptive delay has an end
    createGraceful({ drain: { delayMs: { minMs: 0, quietMs: 100 } } });
    // @ts-expect-error -- not a phase
    createGraceful().onShutdown('pool', () => {}, { phase: 'end' });
    // @ts-expect-error -- a server of node:http or node:https
    createGraceful().attach(handler);
  });

  it('take any logger of the shape of pino', () => {
    expectTypeOf(pino()).toExtend<Logger>();
    const own: Logger = { info() {}, warn() {}, error() {} };
    createGraceful({ logger: own });
    // @ts-expect-error -- it cannot warn
    createGraceful({ logger: { info() {}, error() {} } });
  });

  it('may be made elsewhere', () => {
    expectTypeOf<Parameters<typeof createGraceful>[0]>().toEqualTypeOf<GracefulOptions | undefined>();
  });
});

describe('errors', () => {
  it('have codes that a switch can be exhaustive about', () => {
    expectTypeOf<GracefulErrorCode>().toEqualTypeOf<keyof typeof errorCodes>();
    expectTypeOf<GracefulError['code']>().toEqualTypeOf<GracefulErrorCode>();
    const error: unknown = undefined;
    if (isGracefulError(error)) expectTypeOf(error).toEqualTypeOf<GracefulError>();
  });
});
