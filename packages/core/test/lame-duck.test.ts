import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeDrainable } from './support/drainable.js';
import { makeLifecycle, settled } from './support/lifecycle.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0); // nothing left behind
  vi.useRealTimers();
});

const delayMs = { minMs: 1_000, maxMs: 10_000, quietMs: 2_000 };

/** A server that answers at once, in front of an adaptive lame-duck. */
function service() {
  const { lifecycle } = makeLifecycle({ delayMs });
  const server = new FakeDrainable('http').done();
  lifecycle.drainables.add(server);
  return {
    lifecycle,
    server,
    request: () => {
      server.lastArrivalAt = performance.now();
    },
  };
}

const lameDuckMs = (report: { states: readonly { state: string; afterMs: number }[] }) =>
  report.states.find(({ state }) => state === 'draining')?.afterMs;

describe('an adaptive lame-duck', () => {
  it('lasts at least minMs, however quiet it is', async () => {
    const { lifecycle } = service();
    expect(lameDuckMs(await settled(lifecycle.shutdown('SIGTERM')))).toBe(delayMs.minMs);
  });

  it('ends when no request has come for quietMs', async () => {
    const { lifecycle, request } = service();
    const leaving = lifecycle.shutdown('SIGTERM');
    await vi.advanceTimersByTimeAsync(900);
    request();
    expect(lameDuckMs(await settled(leaving))).toBe(900 + delayMs.quietMs);
  });

  it('begins to wait anew with each request', async () => {
    const { lifecycle, request } = service();
    const leaving = lifecycle.shutdown('SIGTERM');
    for (let second = 0; second < 4; second++) {
      request();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    request();
    expect(lameDuckMs(await settled(leaving))).toBe(4_000 + delayMs.quietMs);
  });

  it('lasts no longer than maxMs, however busy it is', async () => {
    const { lifecycle, request } = service();
    const leaving = lifecycle.shutdown('SIGTERM');
    for (let second = 0; second < 10; second++) {
      expect(lifecycle.state).toBe('lame-duck');
      request();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(lameDuckMs(await settled(leaving))).toBe(delayMs.maxMs);
  });

  it('does not end while a request is in flight', async () => {
    const { lifecycle, server, request } = service();
    const leaving = lifecycle.shutdown('SIGTERM');
    request();
    server.pending = 1;
    await vi.advanceTimersByTimeAsync(6_000);
    expect(lifecycle.state).toBe('lame-duck');
    server.pending = 0;
    const lasted = lameDuckMs(await settled(leaving));
    expect(lasted).toBeGreaterThanOrEqual(6_000);
    expect(lasted).toBeLessThanOrEqual(6_000 + delayMs.quietMs);
  });

  it('asks every drainable', async () => {
    const { lifecycle, request } = service();
    const queue = new FakeDrainable('queue').done();
    queue.pending = 1;
    lifecycle.drainables.add(queue);
    const leaving = lifecycle.shutdown('SIGTERM');
    request();
    await vi.advanceTimersByTimeAsync(9_000);
    expect(lifecycle.state).toBe('lame-duck');
    expect(lameDuckMs(await settled(leaving))).toBe(delayMs.maxMs);
  });

  it('waits for nothing where there is nothing to ask', async () => {
    const { lifecycle } = makeLifecycle({ delayMs: { ...delayMs, minMs: 0 } });
    expect(lameDuckMs(await settled(lifecycle.shutdown('SIGTERM')))).toBe(0);
  });

  it('counts in whole for the budget: a shortened deadline takes its share of maxMs', async () => {
    const { lifecycle, server } = service();
    server.pending = 1;
    const leaving = lifecycle.shutdown('SIGTERM');
    lifecycle.shorten(3_000); // a tenth of 10 + 15 + 5 seconds
    expect(lameDuckMs(await settled(leaving))).toBe(1_000);
  });
});

describe('a fixed lame-duck', () => {
  it('lasts as long as it was told, busy or quiet', async () => {
    const { lifecycle } = makeLifecycle({ delayMs: 3_000 });
    expect(lameDuckMs(await settled(lifecycle.shutdown('SIGTERM')))).toBe(3_000);
  });

  it('of 0 closes at once', async () => {
    const { lifecycle } = makeLifecycle({ delayMs: 0 });
    expect((await settled(lifecycle.shutdown('SIGTERM'))).durationMs).toBe(0);
  });
});
