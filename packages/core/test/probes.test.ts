import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graceful } from '../src/graceful.js';
import type { StateName } from '../src/lifecycle/state.js';
import type { CheckResult } from '../src/probes/check.js';
import { ProbeEndpoints } from '../src/probes/endpoints.js';
import { deferred } from './support/drainable.js';
import { quietGraceful } from './support/graceful.js';
import { ask, closeServer, freePort, portOf } from './support/http.js';

// What the endpoints are answered from; each test sets what it needs.
let state: StateName = 'ready';
let heldBack: string | undefined;
let checks = new Map<string, CheckResult>();
let asked = 0;

const subject = {
  state: () => state,
  heldBack: () => heldBack,
  inFlight: () => 3,
  checkResults: async () => {
    asked++;
    return checks;
  },
};
const endpoints = new ProbeEndpoints(
  { liveness: '/healthz', readiness: '/readyz', startup: '/startupz' },
  subject,
);
const server = createServer((request, response) => {
  if (!endpoints.answer(request, response)) response.writeHead(404).end('the app');
});
let port = 0;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = portOf(server);
});
afterAll(() => closeServer(server));

const given = (next: { state?: StateName; heldBack?: string; checks?: Record<string, CheckResult> }) => {
  state = next.state ?? 'ready';
  heldBack = next.heldBack;
  checks = new Map(Object.entries(next.checks ?? {}));
  asked = 0;
};
const pass: CheckResult = { status: 'pass' };
const fail: CheckResult = {
  status: 'fail',
  cause: 'failed',
  error: new Error('password "hunter2" was refused'),
};

describe('the probes', () => {
  // The table of the design.
  it.each([
    ['starting', 200, 503, 503],
    ['ready', 200, 200, 200],
    ['lame-duck', 200, 503, 200],
    ['draining', 200, 503, 200],
    ['closing', 200, 503, 200],
  ] as const)('in "%s" answer: liveness %d, readiness %d, startup %d', async (name, live, ready, started) => {
    given({ state: name, checks: { postgres: pass } });
    expect((await ask(port, '/healthz')).status).toBe(live);
    expect((await ask(port, '/readyz')).status).toBe(ready);
    expect((await ask(port, '/startupz')).status).toBe(started);
  });

  it('in "ready" with a check that fails answer: liveness 200, readiness 503, startup 200', async () => {
    given({ checks: { postgres: fail } });
    expect((await ask(port, '/healthz')).status).toBe(200);
    expect((await ask(port, '/readyz')).status).toBe(503);
    expect((await ask(port, '/startupz')).status).toBe(200);
  });

  it.each(['/healthz', '/readyz', '/startupz'])('understand a query string: %s?verbose=1', async (path) => {
    given({});
    expect((await ask(port, `${path}?verbose=1`)).status).toBe(200);
    expect((await ask(port, `${path}?`)).status).toBe(200);
  });

  it.each(['/healthz', '/readyz', '/startupz'])(
    'answer HEAD %s as they answer GET, without the body',
    async (path) => {
      given({ state: 'lame-duck' });
      const get = await ask(port, path);
      const head = await ask(port, path, 'HEAD');
      expect(head.status).toBe(get.status);
      expect(head.headers['content-length']).toBe(get.headers['content-length']);
      expect(head.body).toBe('');
    },
  );

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('leave %s to the app', async (method) => {
    given({});
    expect(await ask(port, '/readyz', method)).toMatchObject({ status: 404, body: 'the app' });
  });

  it.each(['/', '/healthz/', '/healthzz', '/healthz/deep', '/HEALTHZ', '/api/healthz', '/%68ealthz'])(
    'leave %s to the app',
    async (path) => {
      given({});
      expect(await ask(port, path)).toMatchObject({ status: 404, body: 'the app' });
    },
  );

  it('are never cached', async () => {
    given({});
    for (const path of ['/healthz', '/readyz', '/startupz']) {
      expect((await ask(port, path)).headers['cache-control']).toBe('no-store');
    }
  });
});

describe('the body of a probe', () => {
  it('tells people the state, the checks, what is in flight and how long the process has been up', async () => {
    given({ checks: { postgres: pass, redis: { status: 'fail', cause: 'timed out' } } });
    const { headers, body } = await ask(port, '/readyz');
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(body)).toEqual({
      status: 'unavailable',
      state: 'ready',
      checks: { postgres: { status: 'pass' }, redis: { status: 'fail', cause: 'timed out' } },
      inFlight: 3,
      uptimeSeconds: expect.any(Number),
    });
  });

  it('names the check that failed, and tells neither its secrets nor a stack trace', async () => {
    given({ checks: { postgres: fail } });
    const { body } = await ask(port, '/readyz');
    expect(JSON.parse(body)).toMatchObject({ checks: { postgres: { status: 'fail', cause: 'failed' } } });
    expect(body).not.toContain('hunter2');
    expect(body).not.toContain('.ts');
  });

  it('says why the service is held back', async () => {
    given({ state: 'starting', heldBack: 'warming the cache' });
    expect(JSON.parse((await ask(port, '/readyz')).body)).toMatchObject({ reason: 'warming the cache' });
  });
});

describe('a dependency', () => {
  it('is never the business of the liveness probe: a restart would not mend it', async () => {
    given({ checks: { postgres: fail } });
    expect(await ask(port, '/healthz')).toMatchObject({ status: 200 });
    expect(asked).toBe(0);
  });

  it.each(['lame-duck', 'draining', 'closing', 'stopped'] as const)(
    'is not asked in "%s": it may be gone',
    async (name) => {
      given({ state: name, checks: { postgres: fail } });
      await ask(port, '/readyz');
      await ask(port, '/startupz');
      expect(asked).toBe(0);
    },
  );
});

describe('paths', () => {
  const serving = async (probes: NonNullable<Parameters<typeof quietGraceful>[0]>['probes']) => {
    const graceful = quietGraceful({ ...(probes !== undefined && { probes }), drain: { delayMs: 0 } });
    const listening = await graceful.listen((_, response) => void response.end('the app'), {
      port: 0,
      host: '127.0.0.1',
    });
    return { graceful, port: portOf(listening), close: () => closeServer(listening) };
  };

  it('can be chosen', async () => {
    const { port: at, close } = await serving({ liveness: '/live', readiness: '/internal/ready' });
    expect((await ask(at, '/live')).body).toContain('"status":"ok"');
    expect((await ask(at, '/internal/ready')).body).toContain('"status":"ok"');
    expect((await ask(at, '/startupz')).body).toContain('"status":"ok"');
    expect((await ask(at, '/healthz')).body).toBe('the app');
    await close();
  });

  it('can be left to the app one by one', async () => {
    const { port: at, close } = await serving({ liveness: false });
    expect((await ask(at, '/healthz')).body).toBe('the app');
    expect((await ask(at, '/readyz')).body).toContain('"status":"ok"');
    await close();
  });

  it('can be left to the app altogether', async () => {
    const { port: at, close } = await serving(false);
    for (const path of ['/healthz', '/readyz', '/startupz'])
      expect((await ask(at, path)).body).toBe('the app');
    await close();
  });
});

describe('readiness', () => {
  const service = async (prepare: (graceful: Graceful) => void = () => {}) => {
    const graceful = quietGraceful();
    prepare(graceful);
    const listening = await graceful.listen(() => {}, { port: 0, host: '127.0.0.1' });
    return {
      graceful,
      listening,
      statusOf: async (path: string) => (await ask(portOf(listening), path)).status,
    };
  };

  it('comes with listening where there is no check', async () => {
    const { graceful, listening, statusOf } = await service();
    expect(graceful.state).toBe('ready');
    expect(await statusOf('/readyz')).toBe(200);
    await closeServer(listening);
  });

  it('waits for every check to pass once', async () => {
    const first = deferred();
    const { graceful, listening, statusOf } = await service((made) => {
      made.addCheck('cache', () => first.promise);
      made.addCheck('other', () => {});
    });
    expect(graceful.state).toBe('starting');
    const became = new Promise((resolve) => graceful.on('state', resolve));
    first.resolve();
    expect(await became).toMatchObject({ state: 'ready', previous: 'starting' });
    expect(await statusOf('/readyz')).toBe(200);
    await closeServer(listening);
  });

  it('does not come from a check that passes before anything listens', async () => {
    const graceful = quietGraceful();
    const passed = new Promise((resolve) => graceful.on('check', resolve));
    graceful.addCheck('cache', () => {});
    await passed;
    expect(graceful.state).toBe('starting');
  });

  it('goes while a check fails, and comes back, without a change of state', async () => {
    let healthy = true;
    const { graceful, listening, statusOf } = await service((made) => {
      made.addCheck('postgres', () => (healthy ? undefined : Promise.reject(undefined)), {
        everyMs: 5,
        timeoutMs: 1_000,
      });
    });
    const turned = (status: string) =>
      new Promise<void>(
        (resolve) => void graceful.on('check', (event) => event.status === status && resolve()),
      );
    expect(await statusOf('/readyz')).toBe(200);
    let next = turned('fail');
    healthy = false;
    await next;
    expect(await statusOf('/readyz')).toBe(503);
    expect(await statusOf('/startupz')).toBe(200);
    expect(graceful.state).toBe('ready');
    next = turned('pass');
    healthy = true;
    await next;
    expect(await statusOf('/readyz')).toBe(200);
    await closeServer(listening);
  });

  it('can be held back, and given again', async () => {
    const { graceful, listening, statusOf } = await service((made) => made.notReady('warming the cache'));
    expect(graceful.state).toBe('starting');
    expect(await statusOf('/readyz')).toBe(503);
    graceful.ready();
    expect(await statusOf('/readyz')).toBe(200);
    graceful.notReady('the leader is elsewhere');
    expect(graceful.state).toBe('starting');
    expect(await statusOf('/readyz')).toBe(503);
    graceful.ready();
    expect(graceful.state).toBe('ready');
    await closeServer(listening);
  });

  it('needs no server where the user says so', () => {
    const graceful = quietGraceful();
    graceful.ready();
    expect(graceful.state).toBe('ready');
  });

  it('of a check that is added later counts at once', async () => {
    const { graceful, listening, statusOf } = await service();
    graceful.addCheck('late', () => Promise.reject(new Error('gone')));
    expect(await statusOf('/readyz')).toBe(503);
    await closeServer(listening);
  });
});

describe('a port of their own', () => {
  it('answers the probes to the very end, and nothing else', async () => {
    const probePort = await freePort();
    const work = deferred();
    const close = deferred();
    const graceful = quietGraceful({
      drain: { delayMs: 0, requestsMs: 60_000, hooksMs: 60_000 },
      probes: { port: probePort, host: '127.0.0.1' },
    });
    const inState = (wanted: StateName) =>
      new Promise<void>(
        (resolve) => void graceful.on('state', (event) => event.state === wanted && resolve()),
      );
    graceful.onShutdown('pool', () => close.promise);
    void graceful.track(work.promise);
    const listening = await graceful.listen(() => {}, { port: 0, host: '127.0.0.1' });
    const appPort = portOf(listening);
    expect((await ask(probePort, '/readyz')).status).toBe(200);
    expect(await ask(probePort, '/orders')).toMatchObject({
      status: 404,
      body: expect.stringContaining('/healthz'),
    });
    expect((await ask(probePort, '/readyz', 'POST')).status).toBe(404);
    expect((await ask(appPort, '/readyz')).status).toBe(200); // on the app's port too

    const draining = inState('draining');
    const leaving = graceful.shutdown('test');
    await draining;
    expect((await ask(probePort, '/healthz')).status).toBe(200);
    expect((await ask(probePort, '/readyz')).status).toBe(503);
    expect((await ask(probePort, '/startupz')).status).toBe(200);

    const closing = inState('closing');
    work.resolve();
    await closing;
    expect((await ask(probePort, '/healthz')).status).toBe(200);
    expect(JSON.parse((await ask(probePort, '/readyz')).body)).toMatchObject({
      status: 'unavailable',
      state: 'closing',
    });
    await expect(ask(appPort, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });

    close.resolve();
    const report = await leaving;
    expect(report).toMatchObject({ verdict: 'clean' });
    expect(report.heldBy.join()).not.toContain(String(probePort)); // it is meant to be there
    await expect(ask(probePort, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('is given back by uninstall()', async () => {
    const probePort = await freePort();
    const graceful = quietGraceful({ probes: { port: probePort, host: '127.0.0.1' } });
    const listening = await graceful.listen(() => {}, { port: 0, host: '127.0.0.1' });
    graceful.uninstall();
    await expect(ask(probePort, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await closeServer(listening);
  });

  it('that is taken is an error at the start', async () => {
    const listening = createServer().listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const graceful = quietGraceful({ probes: { port: portOf(listening), host: '127.0.0.1' } });
    await expect(graceful.listen(() => {}, { port: 0 })).rejects.toMatchObject({
      code: 'ERR_GRACEFUL_PORT_IN_USE',
    });
    await closeServer(listening);
  });
});
