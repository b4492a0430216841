import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeDrainable } from './support/drainable.js';
import { makeLifecycle, settled } from './support/lifecycle.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0); // nothing left behind
  vi.useRealTimers();
});

describe('a drainable', () => {
  it('is driven through its four steps, each at its time', async () => {
    const { lifecycle } = makeLifecycle();
    const queue = new FakeDrainable('queue');
    lifecycle.drainables.add(queue);
    await settled(lifecycle.shutdown('SIGTERM'));
    expect(queue.asked).toEqual([
      ['lameDuck', 0],
      ['stopAccepting', 5_000],
      ['drained', 5_000],
      ['force', 20_000],
    ]);
  });

  it('is not forced when it was done in time, and the report says how long it took', async () => {
    const { lifecycle } = makeLifecycle();
    const queue = new FakeDrainable('queue');
    lifecycle.drainables.add(queue);
    const leaving = lifecycle.shutdown('SIGTERM');
    await vi.advanceTimersByTimeAsync(5_250);
    queue.done();
    const report = await settled(leaving);
    expect(queue.steps).toEqual(['lameDuck', 'stopAccepting', 'drained']);
    expect(report.drainables).toEqual([{ name: 'queue', dropped: 0, durationMs: 250 }]);
  });

  it('need not take part in the lame-duck', async () => {
    const { lifecycle } = makeLifecycle();
    lifecycle.drainables.add({ name: 'cron', stopAccepting() {}, drained: async () => {}, force: () => 0 });
    expect(await settled(lifecycle.shutdown('SIGTERM'))).toMatchObject({ verdict: 'clean' });
  });

  it('is asked for its end only when it has stopped accepting', async () => {
    const { lifecycle } = makeLifecycle();
    const order: string[] = [];
    lifecycle.drainables.add({
      name: 'consumer',
      async stopAccepting() {
        order.push('stopping');
        await new Promise((resolve) => setTimeout(resolve, 100));
        order.push('stopped');
      },
      async drained() {
        order.push('drained');
      },
      force: () => 0,
    });
    await settled(lifecycle.shutdown('SIGTERM'));
    expect(order).toEqual(['stopping', 'stopped', 'drained']);
  });

  it('that hangs keeps no other from draining, and costs no other its work', async () => {
    const { lifecycle } = makeLifecycle();
    const hangs = new FakeDrainable('hangs', { stopAccepting: () => new Promise(() => {}) });
    const other = new FakeDrainable('other');
    lifecycle.drainables.add(hangs);
    lifecycle.drainables.add(other);
    const leaving = lifecycle.shutdown('SIGTERM');
    await vi.advanceTimersByTimeAsync(6_000);
    other.done();
    const report = await settled(leaving);
    expect(hangs.steps).toContain('force');
    expect(other.steps).not.toContain('force');
    expect(report.drainables.map(({ name }) => name)).toEqual(['other', 'hangs']);
  });

  it('may force asynchronously; what it dropped is counted', async () => {
    const { lifecycle } = makeLifecycle();
    const force = () => new Promise<number>((resolve) => setTimeout(resolve, 20, 7));
    lifecycle.drainables.add(new FakeDrainable('queue', { force }));
    const report = await settled(lifecycle.shutdown('SIGTERM'));
    expect(report.drainables).toMatchObject([{ name: 'queue', dropped: 7 }]);
    expect(report.verdict).toBe('forced');
  });

  it('can be taken out before the shutdown, twice too, and not any more once it has begun', async () => {
    const { lifecycle } = makeLifecycle();
    const gone = new FakeDrainable('gone');
    const handle = lifecycle.drainables.add(gone);
    handle[Symbol.dispose]();
    handle[Symbol.dispose]();
    const stays = new FakeDrainable('stays').done();
    const late = lifecycle.drainables.add(stays);
    const leaving = lifecycle.shutdown('SIGTERM');
    late[Symbol.dispose]();
    await settled(leaving);
    expect(gone.steps).toEqual([]);
    expect(stays.steps).toEqual(['lameDuck', 'stopAccepting', 'drained']);
  });

  it('gives its name back when it is taken out, to one that an old handle does not take out', async () => {
    const { lifecycle } = makeLifecycle();
    const handle = lifecycle.drainables.add(new FakeDrainable('queue'));
    handle[Symbol.dispose]();
    const second = new FakeDrainable('queue').done();
    lifecycle.drainables.add(second);
    handle[Symbol.dispose]();
    await settled(lifecycle.shutdown('SIGTERM'));
    expect(second.steps).toEqual(['lameDuck', 'stopAccepting', 'drained']);
  });
});

describe('a latecomer', () => {
  it('to the lame-duck is told at once', async () => {
    const { lifecycle } = makeLifecycle();
    const leaving = lifecycle.shutdown('SIGTERM');
    await vi.advanceTimersByTimeAsync(1_000);
    const late = new FakeDrainable('late').done();
    lifecycle.drainables.add(late);
    expect(late.steps).toEqual(['lameDuck']);
    await settled(leaving);
    expect(late.steps).toEqual(['lameDuck', 'stopAccepting', 'drained']);
  });

  it('to the draining catches up, and is waited for', async () => {
    const { lifecycle } = makeLifecycle();
    const first = new FakeDrainable('first');
    lifecycle.drainables.add(first);
    const leaving = lifecycle.shutdown('SIGTERM');
    await vi.advanceTimersByTimeAsync(6_000);
    const late = new FakeDrainable('late');
    lifecycle.drainables.add(late);
    first.done();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(late.steps).toEqual(['lameDuck', 'stopAccepting', 'drained']);
    expect(lifecycle.state).toBe('draining');
    late.done();
    expect((await settled(leaving)).durationMs).toBe(7_000);
  });
});

describe('a drainable that fails', () => {
  const failing = {
    'throws in lameDuck': {
      lameDuck: () => {
        throw new Error('boom');
      },
    },
    'throws in stopAccepting': {
      stopAccepting: () => {
        throw new Error('boom');
      },
    },
    'rejects in stopAccepting': { stopAccepting: () => Promise.reject(new Error('boom')) },
    'rejects in drained': { drained: () => Promise.reject(new Error('boom')) },
    'throws in drained': {
      drained: () => {
        throw new Error('boom');
      },
    },
  };

  it.each(Object.entries(failing))('because it %s is reported, and stops no other', async (_, overrides) => {
    const { lifecycle, told } = makeLifecycle();
    const other = new FakeDrainable('other');
    lifecycle.drainables.add(new FakeDrainable('fails', overrides).done());
    lifecycle.drainables.add(other);
    const leaving = lifecycle.shutdown('SIGTERM');
    await vi.advanceTimersByTimeAsync(6_000);
    other.done();
    const report = await settled(leaving);
    expect(report).toMatchObject({ verdict: 'failed', exitCode: 1, durationMs: 6_000 });
    expect(report.errors).toMatchObject([{ message: 'boom', from: expect.stringContaining('fails') }]);
    expect(told).toContainEqual([
      'error',
      { error: expect.any(Error), from: expect.stringContaining('fails') },
    ]);
    expect(other.steps).toEqual(['lameDuck', 'stopAccepting', 'drained']);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('boom');
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
    ['hangs', () => new Promise<number>(() => {})],
  ])('because force() %s is reported, and counts as something dropped', async (_, force) => {
    const { lifecycle } = makeLifecycle();
    lifecycle.drainables.add(new FakeDrainable('queue', { force }));
    const report = await settled(lifecycle.shutdown('SIGTERM'));
    expect(report).toMatchObject({ verdict: 'failed', drainables: [{ name: 'queue', dropped: 1 }] });
    expect(report.errors).toMatchObject([{ from: expect.stringContaining('queue') }]);
    expect(report.durationMs).toBeLessThanOrEqual(21_000);
  });

  it.each([
    ['activity', { activity: fails }],
    ['evidence', { evidence: fails }],
  ])('because %s() throws does not keep the service from leaving', async (_, overrides) => {
    const { lifecycle } = makeLifecycle({ delayMs: { minMs: 100, maxMs: 1_000, quietMs: 100 } });
    lifecycle.drainables.add(new FakeDrainable('queue', overrides).done());
    const report = await settled(lifecycle.shutdown('SIGTERM'));
    expect(lifecycle.state).toBe('stopped');
    expect(report).toMatchObject({ verdict: 'failed', errors: [{ from: expect.stringContaining('queue') }] });
  });
});

function fails(): never {
  throw new Error('boom');
}

describe('a drainable whose force() gives no number of dropped work', () => {
  it.each([undefined, Number.NaN, 'three', -1])(
    'is an error, and the verdict is failed: %s',
    async (given) => {
      const { lifecycle, told } = makeLifecycle();
      lifecycle.drainables.add(new FakeDrainable('queue', { force: () => given as never }));
      const report = await settled(lifecycle.shutdown('SIGTERM'));
      expect(report).toMatchObject({ verdict: 'failed', exitCode: 1 });
      expect(report.errors).toEqual([
        expect.objectContaining({ message: expect.stringContaining('Expected force() to say how many') }),
      ]);
      expect(told.filter(([name]) => name === 'error')).toEqual([
        ['error', { error: expect.any(TypeError), from: 'force of queue' }],
      ]);
    },
  );
});
