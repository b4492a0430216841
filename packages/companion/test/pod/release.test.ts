import { describe, expect, it } from 'vitest';
import { type HoldFacts, marginMs, type Release, releaseOf } from '../../src/pod/release.js';

const times = { minMs: 5_000, quietMs: 2_000, maxMs: 15_000 };

/** A hook that is held for no reason but time. */
const held: HoldFacts = {
  heldMs: 6_000,
  isGone: false,
  hasTurn: true,
  inFlight: 0,
  quietMs: 3_000,
  remainingMs: 24_000,
  budgetsMs: 12_000,
};

const rows: readonly (readonly [what: string, facts: Partial<HoldFacts>, Release | undefined])[] = [
  ['quiet, and long enough', {}, 'quiet'],
  ['nothing has come at all', { quietMs: Infinity }, 'quiet'],
  ['not long enough', { heldMs: 4_999 }, undefined],
  ['exactly long enough', { heldMs: 5_000, quietMs: 2_000 }, 'quiet'],
  ['something came a moment ago', { quietMs: 1_999 }, undefined],
  ['something is in flight', { inFlight: 1 }, undefined],
  ['in flight to the cap', { inFlight: 1, heldMs: 15_000 }, 'cap'],
  ['traffic to the cap', { quietMs: 0, heldMs: 15_000 }, 'cap'],
  ['nobody tells what is in flight', { inFlight: undefined }, undefined],
  ['nobody tells what comes', { quietMs: undefined }, undefined],
  ['nobody tells anything, to the cap', { inFlight: undefined, quietMs: undefined, heldMs: 15_000 }, 'cap'],
  ['it is gone', { isGone: true, heldMs: 0 }, 'gone'],
  ['it is gone, out of turn', { isGone: true, hasTurn: false }, 'gone'],
  ['out of turn', { hasTurn: false }, undefined],
  ['out of turn, to the cap', { hasTurn: false, heldMs: 15_000 }, undefined],
  ['out of turn, to the deadline', { hasTurn: false, remainingMs: 15_000 }, 'deadline'],
  ['its own time begins', { remainingMs: 12_000 + marginMs }, 'deadline'],
  ['a moment before that', { remainingMs: 12_001 + marginMs, inFlight: 1 }, undefined],
  ['no time at all', { heldMs: 0, remainingMs: -1, inFlight: 5 }, 'deadline'],
];

describe('the release of a preStop hook', () => {
  it.each(rows)('%s', (_what, facts, release) => {
    expect(releaseOf({ ...held, ...facts }, times)).toBe(release);
  });

  it('never takes from the time that the service needs itself', () => {
    for (let remainingMs = 0; remainingMs <= 30_000; remainingMs += 250) {
      const released = releaseOf({ ...held, remainingMs, inFlight: 1, heldMs: 30_000 - remainingMs }, times);
      if (remainingMs <= held.budgetsMs + marginMs) expect(released).toBe('deadline');
    }
  });
});
