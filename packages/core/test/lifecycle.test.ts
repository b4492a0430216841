import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StateName } from '../src/lifecycle/state.js';
import { FakeDrainable } from './support/drainable.js';
import { makeLifecycle, settled, stopwatch } from './support/lifecycle.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0); // nothing left behind
  vi.useRealTimers();
});

const hangs = () => new Promise<never>(() => {});

describe('a shutdown', () => {
  it('goes through every state once, in order', async () => {
    const { lifecycle, told } = makeLifecycle();
    lifecycle.up();
    await settled(lifecycle.shutdown('SIGTERM'));
    expect(told.filter(([name]) => name === 'state').map(([, event]) => event)).toEqual([
      { state: 'ready', previous: 'starting' },
      { state: 'lame-duck', previous: 'ready', reason: 'SIGTERM' },
      { state: 'draining', previous: 'lame-duck', reason: 'SIGTERM' },
      { state: 'closing', previous: 'draining', reason: 'SIGTERM' },
      { state: 'stopped', previous: 'closing', reason: 'SIGTERM' },
    ]);
    expect(lifecycle.state).toBe('stopped');
  });

  it('stays in the lame-duck for its whole budget, and nowhere longer than there is work', async () => {
    const { lifecycle } = makeLifecycle();
    const report = await settled(lifecycle.shutdown('SIGTERM'));
    expect(report.states.map(({ state, afterMs }) => [state, afterMs])).toEqual([
      ['lame-duck', 0],
      ['draining', 5_000],
      ['closing', 5_000],
      ['stopped', 5_000],
    ]);
    expect(report.durationMs).toBe(5_000);
  });

  it('says when each state began, as an instant that people and machines can read', async () => {
    vi.setSystemTime('2030-01-02T03:04:05.000Z');
    const { lifecycle } = makeLifecycle();
    const report = await settled(lifecycle.shutdown('SIGTERM'));
    expect(report.startedAt).toBe('2030-01-02T03:04:05.000Z');
    expect(report.states.map(({ at }) => at)).toEqual([
      '2030-01-02T03:04:05.000Z',
      '2030-01-02T03:04:10.000Z',
      '2030-01-02T03:04:10.000Z',
      '2030-01-02T03:04:10.000Z',
    ]);
  });

  it('begins from "starting" too: a signal may come before the service is ready', async () => {
    const { lifecycle } = makeLifecycle();
    const report = await settled(lifecycle.shutdown('SIGTERM'));
    expect(report.verdict).toBe('clean');
  });

  it('never becomes ready again', async () => {
    const { lifecycle } = makeLifecycle();
    const leaving = lifecycle.shutdown('SIGTERM');
    lifecycle.up();
    lifecycle.down('too late');
    expect(lifecycle.state).toBe('lame-duck');
    await settled(leaving);
  });

  it('is shared by everybody who asks for it; the first reason stands', async () => {
    const { lifecycle } = makeLifecycle();
    const first = lifecycle.shutdown('first');
    const second = lifecycle.shutdown('second');
    const report = await settled(first);
    expect(await second).toBe(report);
    expect(await lifecycle.shutdown('third')).toBe(report);
    expect(report.reason).toBe('first');
  });

  it('is the same one for a listener that asks for it in the moment it begins', async () => {
    const drainable = new FakeDrainable('queue').done();
    const again: Promise<unknown>[] = [];
    const { lifecycle } = makeLifecycle({
      emit: (name) => {
        if (name === 'state' && lifecycle.state !== 'ready')
          again.push(lifecycle.shutdown('from a listener'));
      },
    });
    lifecycle.drainables.add(drainable);
    const report = await settled(lifecycle.shutdown('SIGTERM'));
    expect(await Promise.all(again)).toEqual(again.map(() => report));
    expect(drainable.steps).toEqual(['lameDuck', 'stopAccepting', 'drained']);
  });

  it('can skip the lame-duck, where nothing balances towards the process', async () => {
    const { lifecycle } = makeLifecycle();
    const report = await settled(lifecycle.shutdown('SIGINT', { skipLameDuck: true }));
    expect(report.durationMs).toBe(0);
  });

  it('moves on at the end of every budget when everything hangs', async () => {
    const { lifecycle } = makeLifecycle();
    lifecycle.drainables.add(new FakeDrainable('queue'));
    for (const phase of ['drain', 'close', 'flush'] as const) lifecycle.hooks.add(phase, hangs, { phase });
    const report = await settled(lifecycle.shutdown('SIGTERM'));
    expect(report.states.map(({ state, afterMs }) => [state, afterMs])).toEqual([
      ['lame-duck', 0],
      ['draining', 5_000],
      ['closing', 20_000],
      ['stopped', 25_000],
    ]);
  });

  it('does not spend on hooks what the requests left over', async () => {
    const { lifecycle } = makeLifecycle();
    lifecycle.drainables.add(new FakeDrainable('queue').done());
    lifecycle.hooks.add('pool', hangs);
    const report = await settled(lifecycle.shutdown('SIGTERM'));
    expect(report.durationMs).toBe(5_000 + 5_000);
  });

  it('goes on to the hooks in the moment in which the last work ends', async () => {
    const { lifecycle } = makeLifecycle();
    const drainable = new FakeDrainable('queue');
    lifecycle.drainables.add(drainable);
    const leaving = lifecycle.shutdown('SIGTERM');
    await vi.advanceTimersByTimeAsync(7_000);
    expect(lifecycle.state).toBe('draining');
    drainable.done();
    expect((await settled(leaving)).durationMs).toBe(7_000);
  });

  it('has its report in hand after the end, and not before', async () => {
    const { lifecycle, told } = makeLifecycle();
    const leaving = lifecycle.shutdown('SIGTERM');
    expect(lifecycle.report).toBeUndefined();
    const report = await settled(leaving);
    expect(lifecycle.report).toBe(report);
    expect(told.at(-1)).toEqual(['report', report]);
  });

  it('names what still holds the event loop, and ends all the same', async () => {
    const { lifecycle } = makeLifecycle({ heldBy: async () => ['server on 127.0.0.1:9229', '2 × timer'] });
    const report = await settled(lifecycle.shutdown('SIGTERM'));
    expect(report).toMatchObject({ heldBy: ['server on 127.0.0.1:9229', '2 × timer'], verdict: 'clean' });
  });
});

describe('the signal `draining`', () => {
  it('is aborted when the lame-duck begins, with the reason, before anything is asked to leave', async () => {
    const { lifecycle } = makeLifecycle();
    const seen: boolean[] = [];
    lifecycle.drainables.add(
      new FakeDrainable('queue', { lameDuck: () => void seen.push(lifecycle.draining.aborted) }).done(),
    );
    expect(lifecycle.draining.aborted).toBe(false);
    const leaving = lifecycle.shutdown('SIGTERM');
    expect(seen).toEqual([true]);
    expect(String(lifecycle.draining.reason)).toContain('SIGTERM');
    await settled(leaving);
  });
});

describe('the signal `expired`', () => {
  it('is aborted just before work is dropped', async () => {
    const { lifecycle } = makeLifecycle();
    const order: string[] = [];
    lifecycle.expired.addEventListener('abort', () => void order.push('expired'));
    lifecycle.drainables.add(
      new FakeDrainable('queue', {
        force: () => {
          order.push('force');
          return 3;
        },
      }),
    );
    const leaving = lifecycle.shutdown('SIGTERM');
    await vi.advanceTimersByTimeAsync(19_999);
    expect(order).toEqual([]);
    await settled(leaving);
    expect(order).toEqual(['expired', 'force']);
  });

  it('stays silent when everything ended in time', async () => {
    const { lifecycle } = makeLifecycle();
    lifecycle.drainables.add(new FakeDrainable('queue').done());
    lifecycle.hooks.add('hangs', hangs, { phase: 'close' });
    await settled(lifecycle.shutdown('SIGTERM'));
    expect(lifecycle.expired.aborted).toBe(false);
  });
});

describe('shortenDeadline', () => {
  const at = async (state: StateName, ms: number) => {
    const { lifecycle } = makeLifecycle();
    const queue = new FakeDrainable('queue');
    lifecycle.drainables.add(queue);
    lifecycle.hooks.add('pool', hangs);
    lifecycle.hooks.add('log', hangs, { phase: 'flush' });
    const leaving = lifecycle.shutdown('SIGTERM');
    await vi.advanceTimersByTimeAsync(ms);
    expect(lifecycle.state).toBe(state);
    const elapsed = stopwatch();
    return { lifecycle, leaving, elapsed };
  };

  it.each([
    ['lame-duck', 1_000],
    ['draining', 9_000],
    ['closing', 20_500],
    ['closing', 24_500],
  ] as const)('in %s after %d ms: everything is over in the time that remains', async (state, ms) => {
    const { lifecycle, leaving, elapsed } = await at(state, ms);
    lifecycle.shorten(300);
    await settled(leaving);
    expect(elapsed()).toBeGreaterThan(295);
    expect(elapsed()).toBeLessThanOrEqual(300 + 3); // timers of whole milliseconds, one for each step
  });

  it('of 0 ends everything at once', async () => {
    const { lifecycle, leaving, elapsed } = await at('lame-duck', 10);
    lifecycle.shorten(0);
    await settled(leaving);
    expect(elapsed()).toBeLessThanOrEqual(3);
  });

  it('never lengthens', async () => {
    const { lifecycle, leaving } = await at('draining', 9_000);
    lifecycle.shorten(100_000);
    expect((await settled(leaving)).durationMs).toBe(25_000);
  });

  it('before the shutdown is kept for it', async () => {
    const { lifecycle } = makeLifecycle();
    lifecycle.drainables.add(new FakeDrainable('queue'));
    lifecycle.shorten(10_000);
    await vi.advanceTimersByTimeAsync(8_000);
    const report = await settled(lifecycle.shutdown('SIGTERM'));
    expect(report.durationMs).toBeLessThanOrEqual(2_000);
  });

  it('leaves a share to the hooks, so that none is starved', async () => {
    const { lifecycle } = makeLifecycle();
    const pool = vi.fn();
    lifecycle.drainables.add(new FakeDrainable('queue'));
    lifecycle.hooks.add('pool', pool);
    const leaving = lifecycle.shutdown('SIGTERM');
    lifecycle.shorten(250);
    const report = await settled(leaving);
    expect(pool).toHaveBeenCalledOnce();
    expect(report.hooks).toMatchObject([{ name: 'pool', result: 'ok' }]);
  });
});

describe('the verdict', () => {
  it('is clean, with exit code 0, when nothing was dropped and nothing went wrong', async () => {
    const { lifecycle } = makeLifecycle();
    lifecycle.drainables.add(new FakeDrainable('queue').done());
    lifecycle.hooks.add('pool', () => {});
    expect(await settled(lifecycle.shutdown('SIGTERM'))).toMatchObject({
      verdict: 'clean',
      exitCode: 0,
      errors: [],
    });
  });

  it('is forced, with exit code 1, when work was dropped', async () => {
    const { lifecycle } = makeLifecycle();
    const queue = new FakeDrainable('queue');
    queue.pending = 4;
    lifecycle.drainables.add(queue);
    expect(await settled(lifecycle.shutdown('SIGTERM'))).toMatchObject({
      verdict: 'forced',
      exitCode: 1,
      drainables: [{ name: 'queue', dropped: 4, durationMs: 15_000 }],
    });
  });

  it('is failed, with exit code 1, when a hook failed, even if work was dropped too', async () => {
    const { lifecycle } = makeLifecycle();
    const queue = new FakeDrainable('queue');
    queue.pending = 1;
    lifecycle.drainables.add(queue);
    lifecycle.hooks.add('pool', () => Promise.reject(new Error('gone')));
    expect(await settled(lifecycle.shutdown('SIGTERM'))).toMatchObject({ verdict: 'failed', exitCode: 1 });
  });

  it('is clean where the budget ended and there was nothing left to drop', async () => {
    const { lifecycle } = makeLifecycle();
    lifecycle.drainables.add(new FakeDrainable('queue'));
    expect(await settled(lifecycle.shutdown('SIGTERM'))).toMatchObject({ verdict: 'clean', exitCode: 0 });
  });

  it('is failed when an error that nobody caught came while it ran, with what it was and where it came from', async () => {
    const { lifecycle } = makeLifecycle();
    const leaving = lifecycle.shutdown('uncaughtException');
    lifecycle.noteError(
      Object.assign(new TypeError('x is not a function'), { code: 'ERR_X' }),
      'uncaughtException',
    );
    const report = await settled(leaving);
    expect(report).toMatchObject({ verdict: 'failed', exitCode: 1 });
    expect(report.errors).toEqual([
      { name: 'TypeError', message: 'x is not a function', code: 'ERR_X', from: 'uncaughtException' },
    ]);
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['no', '"no"'],
    [{ a: 1 }, 'an object'],
  ])('reports %o thrown instead of an error', async (thrown, words) => {
    const { lifecycle } = makeLifecycle();
    const leaving = lifecycle.shutdown('unhandledRejection');
    lifecycle.noteError(thrown, 'unhandledRejection');
    const report = await settled(leaving);
    expect(report.errors[0]?.message).toContain(words);
    expect(report.verdict).toBe('failed');
  });

  it('lists the signals that came after the first, which change nothing', async () => {
    const { lifecycle, told } = makeLifecycle();
    const leaving = lifecycle.shutdown('SIGTERM');
    lifecycle.noteSignal('SIGTERM');
    lifecycle.noteSignal('SIGINT');
    const report = await settled(leaving);
    expect(report).toMatchObject({
      furtherSignals: ['SIGTERM', 'SIGINT'],
      verdict: 'clean',
      durationMs: 5_000,
    });
    expect(told).toContainEqual(['signal', { signal: 'SIGTERM', first: false }]);
  });

  it('can be sent anywhere: the report is plain data', async () => {
    const { lifecycle } = makeLifecycle();
    lifecycle.hooks.add('pool', () => Promise.reject(new Error('gone')));
    const report = await settled(lifecycle.shutdown('SIGTERM'));
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(JSON.stringify(report)).not.toContain('lifecycle.test'); // no stack
  });
});
