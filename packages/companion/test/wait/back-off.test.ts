import { describe, expect, it } from 'vitest';
import { pauseMs } from '../../src/wait/back-off.js';

const pace = { everyMs: 100, maxEveryMs: 500 };

describe('the pause between two tries', () => {
  it('is half as long again each time, up to the longest', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 1_000].map((tries) => pauseMs(tries, pace, 1));
    expect(pauses).toEqual([100, 150, 225, 337.5, 500, 500, 500]);
  });

  it('has up to a half left out at random, and never more', () => {
    expect([0, 0.5, 1].map((random) => pauseMs(1, pace, random))).toEqual([50, 75, 100]);
    expect(pauseMs(1_000, pace, 0)).toBe(250);
  });

  it('is none where none is wanted', () => expect(pauseMs(3, { everyMs: 0, maxEveryMs: 500 }, 1)).toBe(0));
});
