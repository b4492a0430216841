import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Debounce } from '../src/debounce.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0); // nothing left behind
  vi.useRealTimers();
});

describe('a debounce', () => {
  it('runs once, when it has been quiet', () => {
    const run = vi.fn();
    const debounce = new Debounce(200, 2_000, run);
    for (let call = 0; call < 5; call++) {
      debounce.call();
      vi.advanceTimersByTime(199);
    }
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledOnce();
  });

  it('runs although it is never quiet, from time to time', () => {
    const run = vi.fn();
    const debounce = new Debounce(200, 2_000, run);
    for (let elapsed = 0; elapsed < 10_000; elapsed += 100) {
      debounce.call();
      vi.advanceTimersByTime(100);
    }
    expect(run).toHaveBeenCalledTimes(5);
    debounce[Symbol.dispose]();
  });

  it('counts anew after it has run', () => {
    const run = vi.fn();
    const debounce = new Debounce(200, 300, run);
    debounce.call();
    vi.advanceTimersByTime(10_000);
    debounce.call();
    vi.advanceTimersByTime(150);
    debounce.call();
    vi.advanceTimersByTime(149);
    expect(run).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('does not run once it is disposed', () => {
    const run = vi.fn();
    const debounce = new Debounce(200, 2_000, run);
    debounce.call();
    debounce[Symbol.dispose]();
    vi.advanceTimersByTime(10_000);
    expect(run).not.toHaveBeenCalled();
  });
});
