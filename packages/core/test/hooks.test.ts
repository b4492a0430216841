import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HookContext } from '../src/lifecycle/hook.js';
import { FakeDrainable } from './support/drainable.js';
import { makeLifecycle, settled, stopwatch } from './support/lifecycle.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0); // nothing left behind
  vi.useRealTimers();
});

const hangs = () => new Promise<never>(() => {});
const takes = (ms: number) => () => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A lifecycle whose hooks note when they begin. */
function hooked(parts: Parameters<typeof makeLifecycle>[0] = {}) {
  const { lifecycle, told } = makeLifecycle(parts);
  const begun: [name: string, atMs: number][] = [];
  const elapsed = stopwatch();
  const hook = (name: string, run: () => unknown, options?: Parameters<typeof lifecycle.hooks.add>[2]) =>
    lifecycle.hooks.add(
      name,
      () => {
        begun.push([name, elapsed()]);
        return run();
      },
      options,
    );
  return { lifecycle, told, hook, begun, leave: () => settled(lifecycle.shutdown('SIGTERM')) };
}

describe('phases', () => {
  it('run in the order drain, close, flush, whatever the order of registration', async () => {
    const { lifecycle, hook, begun, leave } = hooked();
    const queue = new FakeDrainable('queue');
    lifecycle.drainables.add(queue);
    hook('log', () => {}, { phase: 'flush' });
    hook('pool', takes(200), { phase: 'close' });
    hook('consumer', takes(100), { phase: 'drain' });
    const leaving = leave();
    setTimeout(() => queue.done(), 6_000);
    await leaving;
    expect(begun).toEqual([
      ['consumer', 0], // at once, beside the lame-duck
      ['pool', 6_000], // after the last request
      ['log', 6_200], // when the pool is closed
    ]);
  });

  it('are "close" by default', async () => {
    const { hook, leave } = hooked();
    hook('pool', () => {});
    expect((await leave()).hooks).toMatchObject([{ name: 'pool', phase: 'close', result: 'ok' }]);
  });

  it('hold the draining until the hooks of the drain have ended too', async () => {
    const { hook, leave } = hooked();
    hook('consumer', takes(9_000), { phase: 'drain' });
    expect((await leave()).states).toContainEqual(
      expect.objectContaining({ state: 'closing', afterMs: 9_000 }),
    );
  });

  it('give up a hook of the drain that hangs at the end of the budget for requests, not before', async () => {
    const { hook, begun, leave } = hooked();
    hook('consumer', hangs, { phase: 'drain' });
    hook('pool', () => {});
    const report = await leave();
    expect(report.hooks).toMatchObject([
      { name: 'consumer', result: 'timed-out', durationMs: 20_000 },
      { name: 'pool', result: 'ok' },
    ]);
    expect(begun).toContainEqual(['pool', 20_000]);
  });
});

describe('hooks of one phase', () => {
  it('run side by side', async () => {
    const { hook, begun, leave } = hooked();
    for (const name of ['a', 'b', 'c']) hook(name, takes(1_000));
    const report = await leave();
    expect(begun.map(([, at]) => at)).toEqual([5_000, 5_000, 5_000]);
    expect(report.durationMs).toBe(6_000);
  });

  it('wait for those that they come after', async () => {
    const { hook, begun, leave } = hooked();
    hook('last', () => {}, { after: ['pool', 'cache'] });
    hook('pool', takes(300), { after: 'consumer' });
    hook('cache', takes(500));
    hook('consumer', takes(100));
    await leave();
    expect(Object.fromEntries(begun)).toEqual({ cache: 5_000, consumer: 5_000, pool: 5_100, last: 5_500 });
  });

  it('may come after one of an earlier phase, which has ended by then', async () => {
    const { hook, begun, leave } = hooked();
    hook('pool', () => {}, { after: 'consumer' });
    hook('consumer', () => {}, { phase: 'drain' });
    await leave();
    expect(begun.map(([name]) => name)).toEqual(['consumer', 'pool']);
  });

  it('begin even if what they come after has failed', async () => {
    const { hook, begun, leave } = hooked();
    hook('first', () => Promise.reject(new Error('no')));
    hook('second', () => {}, { after: 'first' });
    const report = await leave();
    expect(begun.map(([name]) => name)).toEqual(['first', 'second']);
    expect(report.hooks.map(({ result }) => result)).toEqual(['failed', 'ok']);
  });

  it('are reported in the order in which they ended, with their durations', async () => {
    const { hook, told, leave } = hooked();
    hook('slow', takes(700));
    hook('quick', takes(70));
    const report = await leave();
    expect(report.hooks).toEqual([
      { name: 'quick', phase: 'close', result: 'ok', durationMs: 70 },
      { name: 'slow', phase: 'close', result: 'ok', durationMs: 700 },
    ]);
    expect(told.filter(([name]) => name === 'hook').map(([, event]) => event)).toEqual(report.hooks);
  });

  it('can be many without a warning', async () => {
    const warned = vi.fn();
    process.on('warning', warned);
    const { hook, leave } = hooked();
    for (let n = 0; n < 50; n++) hook(`hook ${n}`, takes(10));
    await leave();
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve)); // Node warns a turn later
    process.off('warning', warned);
    vi.useFakeTimers();
    expect(warned).not.toHaveBeenCalled();
  });
});

describe('a hook', () => {
  it('is told why the service leaves', async () => {
    const { lifecycle, leave } = hooked();
    const told = vi.fn<(context: HookContext) => void>();
    lifecycle.hooks.add('pool', told);
    await leave();
    expect(told).toHaveBeenCalledExactlyOnceWith({ reason: 'SIGTERM', signal: expect.any(AbortSignal) });
    expect(told.mock.calls[0]?.[0].signal.aborted).toBe(false);
  });

  it('sees its signal aborted when its time is up, and is not waited for any longer', async () => {
    const { lifecycle, leave } = hooked();
    const abortedAt = vi.fn();
    const elapsed = stopwatch();
    lifecycle.hooks.add(
      'pool',
      ({ signal }) => {
        signal.addEventListener('abort', () => abortedAt(elapsed()));
        return hangs();
      },
      { timeoutMs: 750 },
    );
    const report = await leave();
    expect(abortedAt).toHaveBeenCalledExactlyOnceWith(5_750);
    expect(report.hooks).toEqual([{ name: 'pool', phase: 'close', result: 'timed-out', durationMs: 750 }]);
    expect(report).toMatchObject({ verdict: 'failed', exitCode: 1, durationMs: 5_750 });
  });

  it('never gets more than its phase has left, whatever its own timeout says', async () => {
    const { hook, leave } = hooked();
    hook('pool', hangs, { timeoutMs: 60_000 });
    expect((await leave()).hooks).toMatchObject([{ result: 'timed-out', durationMs: 5_000 }]);
  });

  it('that ends after it was given up changes nothing any more', async () => {
    const { hook, leave } = hooked();
    hook('late', takes(900), { timeoutMs: 100 });
    hook('fails late', () => takes(800)().then(() => Promise.reject(new Error('late'))), { timeoutMs: 100 });
    hook('other', takes(2_000));
    const report = await leave();
    expect(report.hooks.map(({ name, result }) => [name, result])).toEqual([
      ['late', 'timed-out'],
      ['fails late', 'timed-out'],
      ['other', 'ok'],
    ]);
  });

  it('can be taken out again; twice does nothing, and an old handle does not take out a new one', async () => {
    const { hook, begun, leave } = hooked();
    const first = hook('pool', () => {});
    first[Symbol.dispose]();
    hook('pool', () => {});
    first[Symbol.dispose]();
    const other = hook('other', () => {});
    other[Symbol.dispose]();
    await leave();
    expect(begun.map(([name]) => name)).toEqual(['pool']);
  });

  it('that was taken out holds up nobody who came after it', async () => {
    const { hook, begun, leave } = hooked();
    hook('first', () => {})[Symbol.dispose]();
    hook('second', () => {}, { after: 'first' });
    await leave();
    expect(begun.map(([name]) => name)).toEqual(['second']);
  });

  it('need not be asynchronous', async () => {
    const { hook, leave } = hooked();
    hook('pool', () => 'anything');
    expect((await leave()).hooks).toMatchObject([{ result: 'ok', durationMs: 0 }]);
  });
});

describe('a hook that fails', () => {
  const thrown: [string, () => unknown, object][] = [
    [
      'throws',
      () => {
        throw new RangeError('boom');
      },
      { name: 'RangeError', message: 'boom' },
    ],
    ['rejects', () => Promise.reject(new RangeError('boom')), { name: 'RangeError', message: 'boom' }],
    [
      'rejects with a code',
      () => Promise.reject(Object.assign(new Error('boom'), { code: 'ECONNREFUSED' })),
      { code: 'ECONNREFUSED' },
    ],
    [
      'rejects with undefined',
      () => Promise.reject(undefined),
      { message: expect.stringContaining('undefined') },
    ],
    ['rejects with a string', () => Promise.reject('boom'), { message: expect.stringContaining('boom') }],
  ];

  it.each(thrown)('because it %s is reported, and stops no other', async (_, run, error) => {
    const { hook, begun, leave } = hooked();
    hook('fails', run);
    hook('beside', takes(100));
    hook('behind', () => {}, { after: 'fails' });
    hook('flush', () => {}, { phase: 'flush' });
    const report = await leave();
    expect(begun.map(([name]) => name).toSorted()).toEqual(['behind', 'beside', 'fails', 'flush']);
    expect(report.hooks).toContainEqual(
      expect.objectContaining({ name: 'fails', result: 'failed', error: expect.objectContaining(error) }),
    );
    expect(report.errors).toEqual([expect.objectContaining({ ...error, from: 'hook fails' })]);
    expect(report).toMatchObject({ verdict: 'failed', exitCode: 1 });
  });

  it('is one of several: all their errors are kept, for the second is often the real one', async () => {
    const { hook, leave } = hooked();
    for (const name of ['one', 'two', 'three']) hook(name, () => Promise.reject(new Error(`${name} failed`)));
    const report = await leave();
    expect(report.errors.map(({ message }) => message)).toEqual(['one failed', 'two failed', 'three failed']);
  });

  it('tells whoever watches what it threw, as it was thrown', async () => {
    const { hook, told, leave } = hooked();
    const error = new Error('boom');
    hook('fails', () => Promise.reject(error));
    await leave();
    const [, event] = told.find(([name]) => name === 'hook') ?? [];
    expect(event).toMatchObject({ name: 'fails', result: 'failed' });
    expect((event as { thrown: unknown }).thrown).toBe(error);
  });
});

describe('time', () => {
  it('is shared fairly along a line of hooks, so that one that hangs keeps none from running', async () => {
    const { hook, begun, leave } = hooked({ hooksMs: 6_000 });
    hook('one', hangs);
    hook('two', hangs, { after: 'one' });
    hook('three', hangs, { after: 'two' });
    const report = await leave();
    expect(begun).toEqual([
      ['one', 5_000],
      ['two', 7_000],
      ['three', 9_000],
    ]);
    expect(report.hooks.map(({ result }) => result)).toEqual(['timed-out', 'timed-out', 'timed-out']);
    expect(report.durationMs).toBe(11_000);
  });

  it('that one of a line did not use goes to those behind it', async () => {
    const { hook, leave } = hooked({ hooksMs: 6_000 });
    hook('one', takes(500));
    hook('two', hangs, { after: 'one' });
    hook('three', () => {}, { after: 'two' });
    expect((await leave()).hooks).toMatchObject([
      { name: 'one', result: 'ok', durationMs: 500 },
      { name: 'two', result: 'timed-out', durationMs: 2_750 },
      { name: 'three', result: 'ok' },
    ]);
  });

  it('of a hook that nobody waits for is all that its phase has left', async () => {
    const { hook, leave } = hooked();
    hook('one', takes(4_900));
    hook('beside', takes(4_900));
    expect(await leave()).toMatchObject({ verdict: 'clean' });
  });

  it('that is up before a hook could begin makes it "skipped": it does not run, and the verdict says so', async () => {
    const { hook, begun, leave } = hooked();
    hook('one', hangs, { timeoutMs: 10_000 });
    hook('two', () => {}, { after: 'one' });
    const report = await leave();
    expect(begun.map(([name]) => name)).toEqual(['one']);
    expect(report.hooks).toMatchObject([
      { name: 'one', result: 'timed-out' },
      { name: 'two', result: 'skipped', durationMs: 0 },
    ]);
    expect(report.verdict).toBe('failed');
  });

  it('is kept back for the flush, so that a pool that hangs costs no log line', async () => {
    const { hook, begun, leave } = hooked();
    hook('pool', hangs);
    hook('log', takes(900), { phase: 'flush' });
    const report = await leave();
    expect(report.hooks).toMatchObject([
      { name: 'pool', result: 'timed-out', durationMs: 4_000 },
      { name: 'log', result: 'ok', durationMs: 900 },
    ]);
    expect(begun).toContainEqual(['log', 9_000]);
  });

  it('is not kept back where there is nothing to flush', async () => {
    const { hook, leave } = hooked();
    hook('pool', hangs);
    expect((await leave()).hooks).toMatchObject([{ result: 'timed-out', durationMs: 5_000 }]);
  });

  it('that the close hooks left over may be spent on the flush: it is one budget', async () => {
    const { hook, leave } = hooked();
    hook('pool', takes(1_000));
    hook('log', hangs, { phase: 'flush' });
    const report = await leave();
    expect(report.hooks.at(-1)).toMatchObject({ name: 'log', durationMs: 4_000 });
    expect(report.durationMs).toBe(10_000);
  });

  it('that is cut while a hook runs is cut for the hook too', async () => {
    const { lifecycle, hook, leave } = hooked();
    hook('pool', hangs);
    const leaving = leave();
    setTimeout(() => lifecycle.shorten(100), 6_000);
    expect((await leaving).hooks).toMatchObject([{ result: 'timed-out', durationMs: 1_100 }]);
  });

  it('of 0 skips the hooks, and says so', async () => {
    const { hook, begun, leave } = hooked({ hooksMs: 0 });
    hook('pool', () => {});
    expect((await leave()).hooks).toMatchObject([{ name: 'pool', result: 'skipped' }]);
    expect(begun).toEqual([]);
  });
});
