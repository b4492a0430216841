import { Counter, Gauge, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { deferred } from './support/drainable.js';
import { quietGraceful, thrownBy } from './support/graceful.js';
import { ask, closeServer, portOf } from './support/http.js';

const names = [
  'graceful_connections',
  'graceful_drained_connections_total',
  'graceful_dropped_requests_total',
  'graceful_hook_duration_seconds',
  'graceful_lame_duck_requests_total',
  'graceful_ready',
  'graceful_requests_in_flight',
  'graceful_shutdown_duration_seconds',
  'graceful_state',
];

/** The values of one metric, by its labels. */
async function values(register: Registry, name: string): Promise<Record<string, number>> {
  const metric = await register.getSingleMetric(name)?.get();
  return Object.fromEntries(
    (metric?.values ?? []).map(({ labels, value }) => [Object.values(labels).join(' '), value]),
  );
}

const registered = (register: Registry) =>
  register
    .getMetricsAsArray()
    .map(({ name }) => name)
    .toSorted();

/** A service with metrics that stay after its end, as in a process that is about to exit. */
function measured(options: Parameters<typeof quietGraceful>[0] = {}) {
  const register = new Registry();
  const graceful = quietGraceful({
    metrics: { register },
    drain: { delayMs: 0, requestsMs: 20, idleMs: 0 },
    uncaughtErrors: false,
    exit: () => {},
    ...options,
  });
  return { register, graceful };
}

describe('metrics', () => {
  it('have these names: they are part of the API', () => {
    expect(registered(measured().register)).toEqual(names);
  });

  it('follow the conventions of Prometheus', async () => {
    const { register } = measured();
    for (const { name, help, type } of await register.getMetricsAsJSON()) {
      expect(help).toMatch(/^[A-Z0-9].*\.$/);
      expect(name).toMatch(/^graceful_[a-z]+(_[a-z]+)*$/);
      expect(name.endsWith('_total')).toBe(String(type) === 'counter');
      expect(name).not.toMatch(/_ms$|milli|_info_total/);
    }
  });

  it('are those of the user, in the user’s registry: none is made elsewhere', async () => {
    const { register: global } = await import('prom-client');
    const before = registered(global);
    const { register } = measured();
    const own = new Gauge({ name: 'orders', help: 'Orders.', registers: [register] });
    own.set(5);
    expect(registered(global)).toEqual(before);
    expect(await register.metrics()).toContain('orders 5');
  });

  it('are off by default', () => {
    const graceful = quietGraceful();
    expect(graceful.state).toBe('starting');
  });

  it('have bounded label values, present from the first scrape on', async () => {
    const { register } = measured();
    expect(Object.keys(await values(register, 'graceful_state'))).toEqual([
      'starting',
      'ready',
      'lame-duck',
      'draining',
      'closing',
      'stopped',
    ]);
    expect(await values(register, 'graceful_connections')).toEqual({
      new: 0,
      active: 0,
      idle: 0,
      hijacked: 0,
    });
    expect(await values(register, 'graceful_drained_connections_total')).toEqual({
      told: 0,
      idle: 0,
      client: 0,
      forced: 0,
    });
    expect(await values(register, 'graceful_dropped_requests_total')).toEqual({ '': 0 });
    expect(await values(register, 'graceful_lame_duck_requests_total')).toEqual({ '': 0 });
  });

  it('show the state and readiness', async () => {
    const { register, graceful } = measured();
    expect(await values(register, 'graceful_state')).toMatchObject({ starting: 1, ready: 0 });
    expect(await values(register, 'graceful_ready')).toEqual({ '': 0 });
    graceful.ready();
    expect(await values(register, 'graceful_state')).toMatchObject({ starting: 0, ready: 1 });
    expect(await values(register, 'graceful_ready')).toEqual({ '': 1 });
    await graceful.shutdown('deploy');
    expect(await values(register, 'graceful_state')).toMatchObject({ ready: 0, stopped: 1 });
    expect(await values(register, 'graceful_ready')).toEqual({ '': 0 });
  });

  it('show that it is not ready while a check fails, though the state stays "ready"', async () => {
    const { register, graceful } = measured();
    graceful.ready();
    const told = new Promise((resolve) => graceful.on('check', resolve));
    graceful.addCheck('postgres', () => Promise.reject(new Error('gone')));
    await told;
    expect(await values(register, 'graceful_state')).toMatchObject({ ready: 1 });
    expect(await values(register, 'graceful_ready')).toEqual({ '': 0 });
  });

  it('show requests and tracked work in flight, and connections by state', async () => {
    const { register, graceful } = measured();
    const arrived = deferred();
    const answer = deferred();
    const server = await graceful.listen(
      (_, response) => {
        arrived.resolve();
        void answer.promise.then(() => response.end('ok'));
      },
      { port: 0, host: '127.0.0.1' },
    );
    const asked = ask(portOf(server), '/');
    await arrived.promise;
    const work = deferred();
    void graceful.track(work.promise);
    expect(await values(register, 'graceful_requests_in_flight')).toEqual({ '': 2 });
    expect(await values(register, 'graceful_connections')).toEqual({
      new: 0,
      active: 1,
      idle: 0,
      hijacked: 0,
    });
    expect(graceful).toMatchObject({ inFlight: 2, connections: { active: 1 } });
    work.resolve();
    answer.resolve();
    await asked;
    await closeServer(server);
  });

  it('do not count probes as requests', async () => {
    const { register, graceful } = measured();
    const check = deferred();
    const server = await graceful.listen(() => {}, { port: 0, host: '127.0.0.1' });
    const beingAsked = deferred();
    graceful.addCheck('slow', () => {
      beingAsked.resolve();
      return check.promise;
    });
    const probe = ask(portOf(server), '/readyz');
    await beingAsked.promise;
    expect(await values(register, 'graceful_requests_in_flight')).toEqual({ '': 0 });
    check.resolve();
    expect((await probe).status).toBe(200);
    await closeServer(server);
  });

  it('show how the shutdown went', async () => {
    const { register, graceful } = measured({
      drain: { delayMs: 0, requestsMs: 20, idleMs: 0, hooksMs: 1_000 },
    });
    const server = await graceful.listen(() => {}, { port: 0, host: '127.0.0.1' });
    const arrived = new Promise<void>((resolve) => {
      graceful.on('connection', ({ state }) => state === 'active' && resolve());
    });
    const lost = ask(portOf(server), '/').catch((error: unknown) => error);
    await arrived;
    graceful.onShutdown('pool', () => {});
    graceful.onShutdown('consumer', () => Promise.reject(new Error('no')), { phase: 'drain' });
    const report = await graceful.shutdown('deploy');
    expect(await lost).toBeInstanceOf(Error);

    expect(await values(register, 'graceful_dropped_requests_total')).toEqual({ '': 1 });
    expect(await values(register, 'graceful_drained_connections_total')).toEqual({ ...report.connections });
    expect(await values(register, 'graceful_hook_duration_seconds')).toEqual({
      'consumer drain failed': expect.any(Number),
      'pool close ok': expect.any(Number),
    });
    const durations = await values(register, 'graceful_shutdown_duration_seconds');
    expect(durations).toEqual({ failed: report.durationMs / 1_000 });
  });

  it('never go down: a counter shows the same at every scrape', async () => {
    const { register, graceful } = measured();
    void graceful.track(new Promise(() => {}));
    await graceful.shutdown('deploy');
    expect(await register.metrics()).toBe(await register.metrics());
  });

  it('take in what a drainable of the user’s has seen', async () => {
    const { register, graceful } = measured();
    graceful.drains({
      name: 'websockets',
      stopAccepting() {},
      drained: async () => {},
      force: () => 0,
      evidence: () => ({
        requests: { inFlightAtStart: 1, servedInLameDuck: 2, served: 3, dropped: 4 },
        connections: { told: 5, idle: 6, client: 7, forced: 8 },
      }),
    });
    expect(await values(register, 'graceful_lame_duck_requests_total')).toEqual({ '': 2 });
    expect(await values(register, 'graceful_drained_connections_total')).toEqual({
      told: 5,
      idle: 6,
      client: 7,
      forced: 8,
    });
  });
});

describe('the registry', () => {
  it('is left as it was by uninstall()', () => {
    const { register, graceful } = measured();
    const own = new Counter({ name: 'orders_total', help: 'Orders.', registers: [register] });
    graceful.uninstall();
    graceful.uninstall();
    expect(registered(register)).toEqual(['orders_total']);
    expect(register.getSingleMetric('orders_total')).toBe(own);
  });

  it('is left as it was at the end, where the process goes on', async () => {
    const { register, graceful } = measured({ exit: false });
    await graceful.shutdown('test');
    expect(registered(register)).toEqual([]);
  });

  it('can be used again after uninstall()', () => {
    const { register, graceful } = measured();
    graceful.uninstall();
    quietGraceful({ metrics: { register } });
    expect(registered(register)).toEqual(names);
  });

  it('takes one graceful: a second is a clear error, and disturbs nothing', async () => {
    const { register } = measured();
    const before = await register.metrics();
    expect(await thrownBy(() => quietGraceful({ metrics: { register } }))).toMatchObject({
      code: 'ERR_GRACEFUL_OPTION',
      message: expect.stringMatching(/metrics\.register.*graceful_\w+ already.*uninstall\(\)/),
    });
    expect(await register.metrics()).toBe(before);
  });

  it.each(names)('that has a %s of the user’s own is refused whole, and left as it was', async (name) => {
    const register = new Registry();
    register.registerMetric(new Gauge({ name, help: 'Mine.', registers: [] }));
    expect(await thrownBy(() => quietGraceful({ metrics: { register } }))).toMatchObject({
      code: 'ERR_GRACEFUL_OPTION',
      message: expect.stringContaining(name),
    });
    expect(registered(register)).toEqual([name]);
  });
});
