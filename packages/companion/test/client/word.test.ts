import { createGraceful, type Graceful } from '@graceful/core';
import { companionKit } from '@graceful/core/companion';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../src/client/deadline.js';
import { HeldBack } from '../../src/client/held-back.js';
import { Reporter } from '../../src/client/reporter.js';
import type { InstanceUpdate } from '../../src/protocol/wire.js';

let graceful: Graceful;

beforeEach(() => {
  vi.useFakeTimers();
  graceful = createGraceful({
    logger: false,
    signals: [],
    exit: false,
    drain: { delayMs: 10_000, requestsMs: 10_000, hooksMs: 10_000 },
  });
  graceful.ready();
});

afterEach(() => {
  graceful.uninstall();
  expect(vi.getTimerCount()).toBe(0); // nothing left behind
  vi.useRealTimers();
});

describe('a lame-duck by the word of a companion', () => {
  it('holds the service back, and can be taken back', () => {
    const held = new HeldBack(graceful, companionKit(graceful));
    held.hold();
    expect(graceful.state).toBe('starting');
    expect(companionKit(graceful).heldBack).toBe('the companion says lame-duck');
    held.letGo();
    expect(graceful.state).toBe('ready');
  });

  it('lets nobody go that somebody else holds back', () => {
    const held = new HeldBack(graceful, companionKit(graceful));
    graceful.notReady('the cache is cold');
    held.hold();
    held.letGo();
    expect(graceful.state).toBe('starting');
    graceful.ready();
    held.hold();
    graceful.notReady('the cache is cold again');
    held.letGo();
    expect(graceful.state).toBe('starting');
  });
});

describe('a deadline by the word of a companion', () => {
  it('is meant once the service leaves, from whenever it was told', async () => {
    const deadline = new Deadline(graceful, () => {});
    deadline.set(8_000);
    await vi.advanceTimersByTimeAsync(2_000);
    void graceful.track(new Promise(() => {}));
    const ending = graceful.shutdown('test');
    deadline.leaving();
    await vi.advanceTimersByTimeAsync(6_500);
    const report = await ending;
    expect(report).toMatchObject({ verdict: 'forced' });
    expect(report.durationMs).toBeLessThanOrEqual(6_000);
    deadline.forget();
  });

  it('that was taken back does not stay behind for a later shutdown', async () => {
    const deadline = new Deadline(graceful, () => {});
    deadline.set(1_000);
    deadline.forget();
    await vi.advanceTimersByTimeAsync(5_000);
    void graceful.track(new Promise(() => {}));
    const ending = graceful.shutdown('test');
    deadline.leaving();
    await vi.advanceTimersByTimeAsync(30_500);
    expect((await ending).durationMs).toBeGreaterThanOrEqual(20_000);
  });

  it('that passes while nobody leaves is void', async () => {
    const passed = vi.fn();
    const deadline = new Deadline(graceful, passed);
    deadline.set(1_000);
    deadline.set(3_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(passed).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(passed).toHaveBeenCalledTimes(1);
  });
});

/** A companion that takes an update in `ms`. */
const reporting = (ms: number) => {
  const sent: { readonly at: number; readonly update: InstanceUpdate }[] = [];
  const now = { ready: true, inFlight: 0 };
  let lastArrivalAt: number | undefined;
  let takes = true;
  const reporter = new Reporter({
    snapshot: () => ({ update: { ...now }, ...(lastArrivalAt !== undefined && { lastArrivalAt }) }),
    send: async (update) => {
      sent.push({ at: performance.now(), update });
      await new Promise((resolve) => setTimeout(resolve, ms));
      return takes;
    },
  });
  const arrive = () => {
    lastArrivalAt = performance.now();
  };
  return { reporter, sent, now, arrive, refuse: (refused: boolean) => void (takes = !refused) };
};

describe('what a companion is told', () => {
  it('is all at first, then what has changed, figures at most every 100 ms', async () => {
    const { reporter, sent, now } = reporting(1);
    reporter.start(20);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent).toHaveLength(1);
    for (let step = 0; step < 100; step++) {
      now.inFlight++;
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(sent.length).toBeGreaterThan(5);
    expect(sent.length).toBeLessThanOrEqual(12);
    for (const [index, { at }] of sent.entries()) {
      if (index > 0) expect(at - (sent[index - 1]?.at ?? 0)).toBeGreaterThanOrEqual(100);
    }
    reporter.stop();
  });

  it('is a changed state at once; one that comes meanwhile, right after', async () => {
    const { reporter, sent, now } = reporting(50);
    reporter.start(1_000);
    now.ready = false;
    reporter.tell();
    now.inFlight = 3;
    reporter.tell();
    await vi.advanceTimersByTimeAsync(50);
    expect(sent.map(({ update }) => update)).toEqual([
      { ready: true, inFlight: 0 },
      { ready: false, inFlight: 3 },
    ]);
    await vi.advanceTimersByTimeAsync(50);
    reporter.stop();
  });

  it('is told again, later each time, while it is not taken', async () => {
    const { reporter, sent, refuse } = reporting(1);
    refuse(true);
    reporter.start(10);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(sent.length).toBeGreaterThanOrEqual(4);
    expect(sent.length).toBeLessThanOrEqual(10);
    refuse(false);
    await vi.advanceTimersByTimeAsync(10_000);
    const told = sent.length;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toHaveLength(told);
    reporter.stop();
  });

  it('is how long ago the last arrival was, which is no news by itself', async () => {
    const { reporter, sent, arrive } = reporting(1);
    arrive();
    reporter.start(100);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent.map(({ update }) => update.lastArrivalMs)).toEqual([0]);
    arrive();
    await vi.advanceTimersByTimeAsync(150);
    expect(sent).toHaveLength(2);
    reporter.stop();
  });
});
