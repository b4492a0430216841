import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../src/lifecycle/clock.js';
import { type Check, type CheckOptions, CheckRunner, type CheckResult } from '../src/probes/check.js';
import { deferred } from './support/drainable.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0); // nothing left behind
  vi.useRealTimers();
});

const hangs = () => new Promise<never>(() => {});

function runner(check: Check, options: CheckOptions = {}) {
  const answers: CheckResult[] = [];
  const filled = { timeoutMs: 1_000, everyMs: 5_000, staleMs: 16_000, ...options };
  const made = new CheckRunner(check, filled, systemClock, (result) => void answers.push(result));
  return { runner: made, answers };
}

describe('a check', () => {
  it('passes when what it asks answers, with whatever value', async () => {
    for (const value of [undefined, false, 0, 'no']) {
      expect(await runner(async () => value).runner.ask()).toEqual({ status: 'pass' });
    }
  });

  it('need not be asynchronous', async () => {
    expect(await runner(() => true).runner.ask()).toEqual({ status: 'pass' });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('boom');
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
    ['rejects with undefined', () => Promise.reject(undefined)],
    ['rejects with null', () => Promise.reject(null)],
    ['rejects with false', () => Promise.reject(false)],
    [
      'throws undefined',
      () => {
        throw undefined;
      },
    ],
  ])('fails when it %s, and never rejects', async (_, check) => {
    expect(await runner(check).runner.ask()).toMatchObject({ status: 'fail', cause: 'failed' });
  });

  it('fails when it gives no answer in its time', async () => {
    const { runner: made } = runner(hangs, { timeoutMs: 300 });
    const asked = made.ask();
    await vi.advanceTimersByTimeAsync(299);
    expect(made.last).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(await asked).toEqual({ status: 'fail', cause: 'timed out' });
  });

  it('sees its signal aborted at its timeout, and only then', async () => {
    const seen: AbortSignal[] = [];
    const { runner: made } = runner(({ signal }) => {
      seen.push(signal);
      return hangs();
    });
    void made.ask();
    await vi.advanceTimersByTimeAsync(999);
    expect(seen[0]?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen[0]?.aborted).toBe(true);
    expect(String(seen[0]?.reason)).toContain('1000 ms');
  });

  it('that answers after its timeout is still a failure', async () => {
    const answer = deferred();
    const { runner: made } = runner(() => answer.promise);
    const asked = made.ask();
    await vi.advanceTimersByTimeAsync(1_000);
    answer.resolve();
    expect(await asked).toMatchObject({ status: 'fail' });
  });
});

describe('asking', () => {
  it('is done by one at a time: whoever comes meanwhile joins', async () => {
    const answer = deferred();
    const check = vi.fn(() => answer.promise);
    const { runner: made, answers } = runner(check);
    const asked = [made.ask(), made.result(), made.ask()];
    await vi.advanceTimersByTimeAsync(10);
    answer.resolve();
    expect(await Promise.all(asked)).toEqual([{ status: 'pass' }, { status: 'pass' }, { status: 'pass' }]);
    expect(check).toHaveBeenCalledOnce();
    expect(answers).toHaveLength(1);
  });

  it('is done anew once the last one has its answer', async () => {
    const check = vi.fn();
    const { runner: made } = runner(check);
    await made.ask();
    await made.ask();
    expect(check).toHaveBeenCalledTimes(2);
  });
});

describe('a result', () => {
  it('comes from memory while it is fresh', async () => {
    const check = vi.fn();
    const { runner: made } = runner(check, { staleMs: 16_000 });
    await made.ask();
    await vi.advanceTimersByTimeAsync(16_000);
    expect(await made.result()).toEqual({ status: 'pass' });
    expect(check).toHaveBeenCalledOnce();
  });

  it('that is stale no longer counts: whoever wants one waits for a new one', async () => {
    let healthy = true;
    const { runner: made } = runner(() => (healthy ? undefined : Promise.reject(new Error('gone'))), {
      staleMs: 16_000,
    });
    await made.ask();
    healthy = false;
    await vi.advanceTimersByTimeAsync(16_001);
    expect(await made.result()).toMatchObject({ status: 'fail' });
  });

  it('that does not come fails at the timeout', async () => {
    const { runner: made } = runner(hangs);
    const result = made.result();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await result).toEqual({ status: 'fail', cause: 'timed out' });
  });
});

describe('a check that hangs', () => {
  it('is not begun anew beside itself, so that a sick database does not collect queries', async () => {
    const check = vi.fn(hangs);
    const { runner: made } = runner(check);
    void made.ask();
    await vi.advanceTimersByTimeAsync(1_000);
    for (let second = 0; second < 15; second++) {
      expect(await made.ask()).toEqual({ status: 'fail', cause: 'timed out' });
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(check).toHaveBeenCalledOnce();
  });

  it('recovers as soon as what it waited for has answered after all', async () => {
    const answer = deferred();
    const check = vi.fn((): unknown => answer.promise);
    const { runner: made } = runner(check);
    void made.ask();
    await vi.advanceTimersByTimeAsync(1_000);
    answer.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(await made.ask()).toEqual({ status: 'pass' });
    expect(check).toHaveBeenCalledTimes(2);
  });

  it('is asked again after staleMs, for a promise that never settles must not end it for ever', async () => {
    const check = vi.fn<() => unknown>().mockImplementationOnce(hangs);
    const { runner: made } = runner(check, { staleMs: 4_000 });
    void made.ask();
    await vi.advanceTimersByTimeAsync(1_000 + 3_999);
    expect(await made.ask()).toMatchObject({ status: 'fail' });
    await vi.advanceTimersByTimeAsync(1);
    expect(await made.ask()).toEqual({ status: 'pass' });
  });

  it('once more is not begun beside itself because an earlier run has answered at last', async () => {
    const first = deferred();
    const check = vi.fn<() => unknown>(hangs).mockReturnValueOnce(first.promise);
    const { runner: made } = runner(check, { staleMs: 4_000 });
    void made.ask();
    await vi.advanceTimersByTimeAsync(5_000);
    void made.ask(); // the second run, which hangs too
    await vi.advanceTimersByTimeAsync(1_000);
    first.resolve();
    await vi.advanceTimersByTimeAsync(0);
    void made.ask();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(made.last).toEqual({ status: 'fail', cause: 'timed out' });
    expect(check).toHaveBeenCalledTimes(2);
  });
});
