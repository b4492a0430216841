import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Spread, type SpreadParts } from '../src/drain/spread.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A spread of numbers or names, and who had a turn, when. */
function spreadOf<Item>(items: Iterable<Item>, overMs: number, parts: Partial<SpreadParts<Item>> = {}) {
  const bornAt = performance.now();
  const turns: [item: Item, atMs: number][] = [];
  const errors: [error: unknown, item: Item][] = [];
  let done = false;
  const spread = new Spread<Item>({
    items,
    overMs,
    each: (item) => void turns.push([item, performance.now() - bornAt]),
    onError: (error, item) => void errors.push([error, item]),
    ...parts,
  });
  void spread.done.then(() => {
    done = true;
  });
  return { spread, turns, errors, isDone: () => done, who: () => turns.map(([item]) => item) };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** One turn of the event loop, in which the clock stands still. */
const oneTurn = () => vi.advanceTimersToNextTimerAsync();

describe('a spread', () => {
  it('begins at once, and gives item i of n its turn at i/n of the span', async () => {
    const { turns } = spreadOf(['a', 'b', 'c', 'd'], 1_000);
    await vi.runAllTimersAsync();
    expect(turns).toEqual([
      ['a', 0],
      ['b', 250],
      ['c', 500],
      ['d', 750],
    ]);
  });

  it('gives nobody a turn before its constructor has returned', () => {
    const { turns } = spreadOf(['a'], 0);
    expect(turns).toEqual([]);
  });

  it('is done with the last turn, and leaves no timer behind', async () => {
    const { isDone } = spreadOf(['a', 'b'], 1_000);
    await vi.advanceTimersByTimeAsync(499);
    expect(isDone()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(isDone()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is done at once where there is nobody', async () => {
    const { isDone } = spreadOf([], 1_000);
    await vi.advanceTimersByTimeAsync(0);
    expect(isDone()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives one that comes twice one turn', async () => {
    const { turns } = spreadOf(['a', 'a', 'b'], 1_000);
    await vi.runAllTimersAsync();
    expect(turns).toEqual([
      ['a', 0],
      ['b', 500],
    ]);
  });

  it('keeps many items even, in their order', async () => {
    const { turns, who } = spreadOf(numbers(10_000), 1_000);
    await vi.runAllTimersAsync();
    expect(who()).toEqual(numbers(10_000));
    for (const [item, atMs] of turns) {
      expect(atMs).toBeGreaterThanOrEqual(item / 10);
      expect(atMs).toBeLessThan(item / 10 + 2);
    }
  });
});

describe('a turn of the event loop', () => {
  it('has a bounded number of items', async () => {
    const { turns } = spreadOf(numbers(1_000), 0);
    const perTurn: number[] = [];
    for (let turn = 0; turn < 20 && turns.length < 1_000; turn++) {
      const before = turns.length;
      await oneTurn();
      perTurn.push(turns.length - before);
    }
    expect(turns.length).toBe(1_000);
    expect(Math.max(...perTurn)).toBeLessThanOrEqual(200);
    expect(perTurn.length).toBe(5);
  });

  it('ends after five milliseconds of work', async () => {
    const seen: number[] = [];
    let now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    spreadOf(numbers(10), 0, {
      each: (item) => {
        now += 3; // its work
        seen.push(item);
      },
    });
    await oneTurn();
    expect(seen).toEqual([0, 1]);
    await oneTurn();
    expect(seen).toEqual([0, 1, 2, 3]);
    clock.mockRestore();
  });

  it('catches up with what the process slept through, without a turn that is long', async () => {
    const { turns } = spreadOf(numbers(1_000), 1_000);
    await oneTurn();
    const before = turns.length;
    // The clock jumps, as for a process that was stopped; no timer has run.
    const now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(now + 5_000);
    await oneTurn();
    expect(turns.length - before).toBeLessThanOrEqual(200);
    for (let turn = 0; turn < 10 && turns.length < 1_000; turn++) await oneTurn();
    expect(turns.length).toBe(1_000);
    clock.mockRestore();
  });
});

describe('one that is added', () => {
  it('has a place in what remains of the span', async () => {
    const { spread, turns } = spreadOf<string | number>(numbers(4), 1_000);
    await vi.advanceTimersByTimeAsync(500);
    for (let late = 0; late < 100; late++) spread.add(`late ${late}`);
    await vi.runAllTimersAsync();
    const late = turns.filter(([item]) => typeof item === 'string').map(([, atMs]) => atMs);
    expect(late.length).toBe(100);
    for (let tenth = 0; tenth < 10; tenth++) {
      const begin = 500 + tenth * 50;
      const inIt = late.filter((atMs) => atMs >= begin && atMs < begin + 50).length;
      expect(inIt, `from ${begin} ms on`).toBeGreaterThanOrEqual(8);
      expect(inIt, `from ${begin} ms on`).toBeLessThanOrEqual(12);
    }
    expect(turns.map(([, atMs]) => atMs)).toEqual(turns.map(([, atMs]) => atMs).toSorted((a, b) => a - b));
  });

  it('has the next turn when the span is over', async () => {
    const { spread, turns, isDone } = spreadOf(['a'], 100);
    await vi.advanceTimersByTimeAsync(300);
    expect(isDone()).toBe(true);
    spread.add('b');
    expect(turns).toEqual([['a', 0]]);
    await vi.advanceTimersByTimeAsync(1);
    expect(turns).toEqual([
      ['a', 0],
      ['b', 300],
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keeps its place when it waits already', async () => {
    const { spread, turns } = spreadOf(['a', 'b'], 1_000);
    spread.add('b');
    await vi.runAllTimersAsync();
    expect(turns).toEqual([
      ['a', 0],
      ['b', 500],
    ]);
  });

  it('by another in its turn is not forgotten', async () => {
    const added = spreadOf<string>(['a'], 0, {
      each: (item) => {
        seen.push(item);
        if (item === 'a') added.spread.add('b');
      },
    });
    const seen: string[] = [];
    await vi.runAllTimersAsync();
    expect(seen).toEqual(['a', 'b']);
  });
});

describe('one that is removed', () => {
  it('has no turn, and the others keep theirs', async () => {
    const { spread, turns } = spreadOf(['a', 'b', 'c', 'd'], 1_000);
    spread.remove('a');
    spread.remove('c');
    await vi.runAllTimersAsync();
    expect(turns).toEqual([
      ['b', 250],
      ['d', 750],
    ]);
  });

  it('makes it done where it was the last', async () => {
    const { spread, isDone } = spreadOf(['a', 'b'], 1_000);
    await vi.advanceTimersByTimeAsync(0);
    spread.remove('b');
    spread.remove('nobody');
    await vi.advanceTimersByTimeAsync(0);
    expect(isDone()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has one turn when it is added again', async () => {
    const { spread, who } = spreadOf(['a', 'b'], 1_000);
    spread.remove('b');
    spread.add('b');
    await vi.runAllTimersAsync();
    expect(who()).toEqual(['a', 'b']);
  });
});

describe('what goes wrong', () => {
  it('with one is told, and stops nobody', async () => {
    const seen: string[] = [];
    const { errors, isDone } = spreadOf(['a', 'b', 'c'], 30, {
      each: (item) => {
        seen.push(item);
        if (item !== 'b') throw new Error(`not ${item}`);
      },
    });
    await vi.runAllTimersAsync();
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(errors).toEqual([
      [new Error('not a'), 'a'],
      [new Error('not c'), 'c'],
    ]);
    expect(isDone()).toBe(true);
  });
});

describe('a spread that is disposed', () => {
  it('stops, is done, and takes nobody any more', async () => {
    const { spread, who, isDone } = spreadOf(['a', 'b'], 1_000);
    await vi.advanceTimersByTimeAsync(0);
    spread[Symbol.dispose]();
    spread.add('c');
    await vi.advanceTimersByTimeAsync(0);
    expect(isDone()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(who()).toEqual(['a']);
  });

  it('by one in its turn stops there', async () => {
    const seen: number[] = [];
    const { spread } = spreadOf(numbers(10), 0, {
      each: (item) => {
        seen.push(item);
        if (item === 2) spread[Symbol.dispose]();
      },
    });
    await vi.runAllTimersAsync();
    expect(seen).toEqual([0, 1, 2]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
