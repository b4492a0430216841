import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../src/lifecycle/clock.js';
import type { CheckEvents } from '../src/probes/check.js';
import { Checks } from '../src/probes/checks.js';
import { deferred } from './support/drainable.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function makeChecks() {
  const told: CheckEvents['check'][] = [];
  const onPass = vi.fn();
  const checks = new Checks(systemClock, (_, event) => void told.push(event), onPass);
  return { checks, told, onPass };
}

/** Let what is due now happen. */
const turn = () => vi.advanceTimersByTimeAsync(0);

describe('checks in the background', () => {
  it('are asked at once, and again everyMs after each answer', async () => {
    const { checks } = makeChecks();
    const check = vi.fn(() => new Promise((resolve) => setTimeout(resolve, 100)));
    checks.add('postgres', check, { everyMs: 2_000 });
    await turn();
    expect(check).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(2_099);
    expect(check).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(check).toHaveBeenCalledTimes(2);
    checks.stop();
  });

  it('are asked every five seconds by default, and time out after one', async () => {
    const { checks, told } = makeChecks();
    const check = vi.fn();
    checks.add('quick', check);
    checks.add('hangs', () => new Promise(() => {}));
    await vi.advanceTimersByTimeAsync(999);
    expect(told).toEqual([{ name: 'quick', status: 'pass' }]);
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toContainEqual({ name: 'hangs', status: 'fail', cause: 'timed out' });
    await vi.advanceTimersByTimeAsync(4_000);
    expect(check).toHaveBeenCalledTimes(2);
    checks.stop();
  });

  it('do not keep the process alive', async () => {
    vi.useRealTimers();
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const { checks } = makeChecks();
    checks.add('postgres', () => new Promise(() => {}));
    checks.add('other', () => {});
    await new Promise((resolve) => setImmediate(resolve));
    expect(timers()).toBe(before);
    checks.stop();
  });

  it('are asked no more once they are stopped, and leave no timer', async () => {
    const { checks } = makeChecks();
    const check = vi.fn();
    checks.add('postgres', check);
    await turn();
    checks.stop();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(check).toHaveBeenCalledOnce();
  });

  it('say nothing any more when an answer comes after they were stopped', async () => {
    const { checks, told } = makeChecks();
    const answer = deferred();
    checks.add('postgres', () => answer.promise);
    await turn();
    checks.stop();
    answer.resolve();
    await turn();
    expect(told).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('whoever watches checks', () => {
  it('hears of the first answer and of each turn, not of every answer', async () => {
    const { checks, told, onPass } = makeChecks();
    const error = new Error('gone');
    const answers = [true, true, false, false, true];
    checks.add('postgres', () => (answers.shift() ? undefined : Promise.reject(error)), { everyMs: 1_000 });
    await vi.advanceTimersByTimeAsync(4_000);
    expect(told).toEqual([
      { name: 'postgres', status: 'pass' },
      { name: 'postgres', status: 'fail', cause: 'failed', error },
      { name: 'postgres', status: 'pass' },
    ]);
    expect(onPass).toHaveBeenCalledTimes(2);
    checks.stop();
  });
});

describe('all checks together', () => {
  it('have passed when there is none', () => {
    expect(makeChecks().checks.allPassed).toBe(true);
  });

  it('have passed once each has', async () => {
    const { checks } = makeChecks();
    const slow = deferred();
    checks.add('quick', () => {});
    checks.add('slow', () => slow.promise);
    await turn();
    expect(checks.allPassed).toBe(false);
    slow.resolve();
    await turn();
    expect(checks.allPassed).toBe(true);
    checks.stop();
  });

  it('give their results by name, and wait for those that have none', async () => {
    const { checks } = makeChecks();
    checks.add('quick', () => {});
    checks.add('hangs', () => new Promise(() => {}), { timeoutMs: 200 });
    const results = checks.results();
    await vi.advanceTimersByTimeAsync(200);
    expect(await results).toEqual(
      new Map([
        ['quick', { status: 'pass' }],
        ['hangs', { status: 'fail', cause: 'timed out' }],
      ]),
    );
    checks.stop();
  });
});

describe('a check that is taken out', () => {
  it('counts no more, is asked no more, leaves no timer and gives its name back', async () => {
    const { checks } = makeChecks();
    const check = vi.fn(() => Promise.reject(new Error('gone')));
    const handle = checks.add('postgres', check);
    await turn();
    handle[Symbol.dispose]();
    handle[Symbol.dispose]();
    expect(vi.getTimerCount()).toBe(0);
    expect(checks.allPassed).toBe(true);
    expect(await checks.results()).toEqual(new Map());
    checks.add('postgres', () => {});
    handle[Symbol.dispose](); // the old handle is not the new one's
    expect([...(await checks.results()).keys()]).toEqual(['postgres']);
    expect(check).toHaveBeenCalledOnce();
    checks.stop();
  });

  it('while it failed may have been the last that kept the service back', async () => {
    const { checks, onPass } = makeChecks();
    const handle = checks.add('postgres', () => Promise.reject(new Error('gone')));
    await turn();
    expect(onPass).not.toHaveBeenCalled();
    handle[Symbol.dispose]();
    expect(onPass).toHaveBeenCalled();
  });

  it('while it is being asked is not asked again, and says nothing', async () => {
    const { checks, told } = makeChecks();
    const answer = deferred();
    const check = vi.fn(() => answer.promise);
    const handle = checks.add('postgres', check);
    await turn();
    handle[Symbol.dispose]();
    answer.reject(new Error('gone'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(check).toHaveBeenCalledOnce();
    expect(told).toEqual([]);
  });
});
