import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pace } from '../src/drain/http1/pace.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const people = (count: number): object[] => Array.from({ length: count }, () => ({}));
const pass = (ms: number): unknown => vi.advanceTimersByTime(ms);
/** How many of `clients` are told if all ask now. */
const told = (pace: Pace, clients: readonly object[]): number =>
  clients.filter((client) => pace.next(client)).length;

describe('the pace of those who were there', () => {
  it('tells a few from the first instant on', () => {
    const clients = people(32);
    expect(told(new Pace(clients, 2_500), clients)).toBe(32);
  });

  it('spreads more than a few evenly over the span', () => {
    const clients = people(100);
    const pace = new Pace(clients, 1_000);
    const counts = [told(pace, clients)];
    for (let quarter = 0; quarter < 4; quarter++) {
      pass(250);
      counts.push(told(pace, clients));
    }
    expect(counts).toEqual([1, 26, 51, 76, 100]);
  });

  it('keeps the turn of one that seldom asks, however often others ask', () => {
    const clients = people(100);
    const [seldom, ...often] = clients as [object, ...object[]];
    const pace = new Pace(clients, 1_000);
    for (let ms = 0; ms < 500; ms++) {
      told(pace, often);
      pass(1);
    }
    expect(pace.next(seldom)).toBe(true);
  });

  it('tells everybody once the lame-duck is over, though that came early', () => {
    const clients = people(100);
    const pace = new Pace(clients, 1_000);
    pace.end();
    expect(told(pace, [...clients, ...people(100)])).toBe(200);
  });

  it('tells everybody at once where there is no span', () => {
    const clients = people(100);
    const pace = new Pace(clients, 0);
    expect(told(pace, [...clients, ...people(100)])).toBe(200);
  });
});

describe('the pace of those who come meanwhile', () => {
  it('tells them with their first answer, where they are few', () => {
    expect(told(new Pace(people(100), 1_000), people(32))).toBe(32);
  });

  it('tells no more of them at once', () => {
    expect(told(new Pace(people(100), 1_000), people(100))).toBe(32);
  });

  it('tells a stream of them no faster than those who were there, and does so after the span, too', () => {
    const pace = new Pace(people(200), 1_000);
    told(pace, people(32));
    const counts: number[] = [];
    for (let span = 0; span < 3; span++) {
      let count = 0;
      for (let ms = 0; ms < 1_000; ms += 10) {
        pass(10);
        count += told(pace, people(20));
      }
      counts.push(count);
    }
    expect(counts).toEqual([200, 200, 200]);
  });

  it('saves up no more than a few for later', () => {
    const pace = new Pace(people(200), 1_000);
    pass(900);
    expect(told(pace, people(200))).toBe(32);
  });

  it('lets one go on that was not told, and tells it later', () => {
    const pace = new Pace(people(100), 1_000);
    const comers = people(33);
    expect(told(pace, comers)).toBe(32);
    const [last] = comers.slice(-1) as [object];
    expect(pace.next(last)).toBe(false);
    pass(10);
    expect(pace.next(last)).toBe(true);
  });

  it('leaves them the turns of those who were there', () => {
    const clients = people(100);
    const pace = new Pace(clients, 1_000);
    told(pace, people(500));
    pass(500);
    expect(told(pace, clients)).toBe(51);
  });
});
