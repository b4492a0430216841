import { describe, expect, it } from 'vitest';
import { circleOf, keptForOthersMs, needMs, type Ordered } from '../../src/pod/order.js';

const budgets = (requestsMs: number) => ({ delayMs: 0, requestsMs, hooksMs: 0 });
const one = (name: string, needs: number, ...after: string[]): Ordered => ({
  name,
  after,
  budgets: budgets(needs),
});

describe('the order in which instances leave', () => {
  it('is none where they wait for each other', () => {
    const all = [one('nginx', 1), one('app', 1, 'nginx')];
    expect(circleOf(all, one('proxy', 1, 'app'))).toBeUndefined();
    expect(circleOf(all, one('nginx', 1, 'app'))).toEqual(['nginx', 'app', 'nginx']);
    expect(circleOf([], one('app', 1, 'app'))).toEqual(['app', 'app']);
  });

  it('may wait for names that nobody has yet', () => {
    expect(circleOf([], one('app', 1, 'nginx'))).toBeUndefined();
  });

  it('finds a circle that is not through the one who comes', () => {
    const all = [one('a', 1, 'b'), one('b', 1, 'a')];
    expect(circleOf(all, one('c', 1, 'a'))).toEqual(['a', 'b', 'a']);
  });

  it('keeps for each what those behind it need, one after the other', () => {
    const all = [one('nginx', 5_000), one('app', 10_000, 'nginx'), one('proxy', 2_000, 'app')];
    expect([...keptForOthersMs(all, 30_000)]).toEqual(
      expect.arrayContaining([
        ['nginx', 12_000],
        ['app', 2_000],
        ['proxy', 0],
      ]),
    );
  });

  it('keeps for the longest way, where there are several', () => {
    const all = [one('nginx', 1_000), one('a', 3_000, 'nginx'), one('b', 7_000, 'nginx')];
    expect(keptForOthersMs(all, 30_000).get('nginx')).toBe(7_000);
  });

  it('lets everybody give up the same share where there is too little', () => {
    const all = [one('nginx', 10_000), one('app', 20_000, 'nginx'), one('proxy', 30_000, 'app')];
    const kept = keptForOthersMs(all, 30_000);
    expect(Object.fromEntries(kept)).toEqual({ nginx: 25_000, app: 15_000, proxy: 0 });
  });

  it('asks for the most that one of several of a name needs', () => {
    const all = [one('nginx', 1), one('app', 1_000, 'nginx'), one('app', 4_000, 'nginx')];
    expect(keptForOthersMs(all, 30_000).get('nginx')).toBe(4_000);
  });

  it('supposes something of those who do not say what they need', () => {
    expect(needMs({ budgets: undefined })).toBe(12_000);
  });
});
