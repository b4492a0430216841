import { describe, expect, it } from 'vitest';
import { next, type State, type StateEvent } from '../src/lifecycle/state.js';

const budget = { delayMs: 5_000, requestsMs: 15_000, closeMs: 4_000, flushMs: 1_000 };
const starting: State = { name: 'starting', since: 0 };
const up: StateEvent = { type: 'up' };
const down: StateEvent = { type: 'down' };
const stop: StateEvent = { type: 'stop', reason: 'SIGTERM', budget };
const over: StateEvent = { type: 'over' };
const shorten = (remainingMs: number): StateEvent => ({ type: 'shorten', remainingMs });

/** The state after `events`, all at the instant `now`. */
const after = (events: readonly StateEvent[], now = 0): State =>
  events.reduce<State>((state, event) => next(state, event, now), starting);

const states: Record<string, State> = {
  starting,
  ready: after([up]),
  'lame-duck': after([stop]),
  draining: after([stop, over]),
  'closing (close)': after([stop, over, over]),
  'closing (flush)': after([stop, over, over, over]),
  stopped: after([stop, over, over, over, over]),
};

function called(state: State): string {
  return state.name === 'closing' ? `closing (${state.step})` : state.name;
}

/** How long each step that is left would take if nothing ended it early. */
function timetable(state: State, now: number): [step: string, ms: number][] {
  if (!('deadline' in state)) return [];
  const { deadline } = state;
  return [[called(state), deadline - now], ...timetable(next(state, over, deadline), deadline)];
}

describe('the state machine', () => {
  const table: [from: string, event: StateEvent, to: string][] = [
    ['starting', up, 'ready'],
    ['starting', stop, 'lame-duck'],
    ['ready', down, 'starting'],
    ['ready', stop, 'lame-duck'],
    ['lame-duck', over, 'draining'],
    ['draining', over, 'closing (close)'],
    ['closing (close)', over, 'closing (flush)'],
    ['closing (flush)', over, 'stopped'],
  ];

  it.each(table)('goes from %s by %o to %s', (from, event, to) => {
    expect(called(next(states[from] as State, event, 0))).toBe(to);
  });

  const meaningless = Object.keys(states).flatMap((from) =>
    [up, down, stop, over]
      .filter((event) => !table.some(([other, { type }]) => other === from && type === event.type))
      .map((event) => [from, event.type, event] as const),
  );

  it.each(meaningless)('stays in %s on "%s", which means nothing there', (from, _type, event) => {
    expect(next(states[from] as State, event, 7)).toBe(states[from]);
  });

  it('never goes back once a stop has come', () => {
    for (const from of ['lame-duck', 'draining', 'closing (close)', 'closing (flush)', 'stopped']) {
      expect(next(states[from] as State, up, 0)).toBe(states[from]);
      expect(next(states[from] as State, down, 0)).toBe(states[from]);
    }
  });

  it('keeps the reason and the instant of the stop to the end', () => {
    const begun = next(states['ready'] as State, stop, 100);
    const ended = [200, 300, 400, 500].reduce((state, now) => next(state, over, now), begun);
    expect(ended).toEqual({ name: 'stopped', since: 500, stop: { reason: 'SIGTERM', at: 100 } });
  });

  it('keeps the first stop when a second one comes with another budget', () => {
    const begun = next(starting, stop, 0);
    expect(next(begun, { ...stop, reason: 'SIGINT', budget: { ...budget, delayMs: 1 } }, 10)).toBe(begun);
  });
});

describe('budgets', () => {
  it('give every step its own time, and together the whole', () => {
    expect(timetable(next(starting, stop, 100), 100)).toEqual([
      ['lame-duck', 5_000],
      ['draining', 15_000],
      ['closing (close)', 4_000],
      ['closing (flush)', 1_000],
    ]);
  });

  it('do not spend what an earlier step left over', () => {
    const draining = next(next(starting, stop, 0), over, 1_000);
    expect(timetable(draining, 1_000)[0]).toEqual(['draining', 15_000]);
    const closing = next(draining, over, 2_000);
    expect(timetable(closing, 2_000)[0]).toEqual(['closing (close)', 4_000]);
  });

  it('let the flush have what the close hooks left of the budget that they share', () => {
    const closing = next(after([stop, over], 0), over, 0);
    expect(timetable(next(closing, over, 1_500), 1_500)).toEqual([['closing (flush)', 3_500]]);
  });
});

describe('a shortened deadline', () => {
  it('takes the same share from every step that is left', () => {
    const halfway = next(next(starting, stop, 0), shorten(11_500), 2_000);
    expect(timetable(halfway, 2_000)).toEqual([
      ['lame-duck', 1_500],
      ['draining', 7_500],
      ['closing (close)', 2_000],
      ['closing (flush)', 500],
    ]);
  });

  it.each(['lame-duck', 'draining', 'closing (close)', 'closing (flush)'])(
    'holds from %s on to the very end',
    (from) => {
      const shortened = next(states[from] as State, shorten(700), 100);
      const whole = timetable(shortened, 100).reduce((sum, [, ms]) => sum + ms, 0);
      expect(whole).toBeCloseTo(700, 6);
    },
  );

  it('never lengthens', () => {
    const lameDuck = states['lame-duck'] as State;
    expect(next(lameDuck, shorten(25_000), 0)).toBe(lameDuck);
    expect(next(lameDuck, shorten(1_000_000), 0)).toBe(lameDuck);
  });

  it('holds when it is shortened again', () => {
    const twice = next(next(states['lame-duck'] as State, shorten(10_000), 0), shorten(1_000), 0);
    expect(timetable(twice, 0).reduce((sum, [, ms]) => sum + ms, 0)).toBeCloseTo(1_000, 6);
    expect(next(twice, shorten(5_000), 0)).toBe(twice);
  });

  it.each([0, -5])('of %d ms ends every step at once', (remainingMs) => {
    const ended = next(states['draining'] as State, shorten(remainingMs), 300);
    expect(timetable(ended, 300).map(([, ms]) => ms)).toEqual([0, 0, 0]);
  });

  it('means nothing once it is over', () => {
    expect(next(states['stopped'] as State, shorten(1), 0)).toBe(states['stopped']);
  });

  it('is kept for the shutdown when it comes before it, and counts from when it was said', () => {
    const limited = after([up, shorten(12_500)], 1_000);
    const begun = next(limited, stop, 1_000);
    expect(timetable(begun, 1_000)).toEqual([
      ['lame-duck', 2_500],
      ['draining', 7_500],
      ['closing (close)', 2_000],
      ['closing (flush)', 500],
    ]);
    const later = next(limited, stop, 11_000);
    expect(timetable(later, 11_000).reduce((sum, [, ms]) => sum + ms, 0)).toBeCloseTo(2_500, 6);
  });

  it('survives that the service is held back and becomes ready again', () => {
    const state = after([up, shorten(500), down, up], 0);
    expect(timetable(next(state, stop, 0), 0).reduce((sum, [, ms]) => sum + ms, 0)).toBeCloseTo(500, 6);
  });

  it('keeps the earliest of several', () => {
    for (const order of [
      [shorten(500), shorten(9_000)],
      [shorten(9_000), shorten(500)],
    ]) {
      expect(timetable(after([...order, stop]), 0).reduce((sum, [, ms]) => sum + ms, 0)).toBeCloseTo(500, 6);
    }
  });

  it('that has passed before the shutdown begins leaves no time to any step', () => {
    const late = next(after([shorten(500)], 0), stop, 2_000);
    expect(timetable(late, 2_000).map(([, ms]) => ms)).toEqual([0, 0, 0, 0]);
  });
});
