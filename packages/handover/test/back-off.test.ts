import { expect, it } from 'vitest';
import { afterCrash, type Crashes, none } from '../src/supervisor/back-off.js';

/** Delays of so many crashes in a row, in milliseconds. */
function delays(count: number): number[] {
  let crashes: Crashes = none;
  return Array.from({ length: count }, () => {
    const after = afterCrash(crashes, 0);
    crashes = after.crashes;
    return after.delayMs;
  });
}

it('mends the first crash at once, then waits longer each time, up to 30 s', () => {
  expect(delays(5)).toEqual([0, 1_000, 1_500, 2_250, 3_375]);
  expect(delays(30).at(-1)).toBe(30_000);
});

it('forgets the crashes before a minute of service', () => {
  expect(afterCrash({ inRow: 9 }, 60_000)).toEqual({ crashes: { inRow: 1 }, delayMs: 0 });
  expect(afterCrash({ inRow: 9 }, 59_999).crashes).toEqual({ inRow: 10 });
});
