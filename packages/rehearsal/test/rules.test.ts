import { describe, expect, it } from 'vitest';
import { choices, endpointOf } from '../src/rules/endpoint.js';
import {
  deletionGrace,
  effectiveGrace,
  graceLeft,
  nodeShutdownGrace,
  stopSeconds,
} from '../src/rules/grace.js';
import { terminationOrder } from '../src/rules/order.js';
import { afterAnswer, beforeFirst, isDue, nextQuestion } from '../src/rules/probe-state.js';
import { afterExit, isRestarted, kubeletBackOff } from '../src/rules/restart.js';
import { boundsOf, nextStep } from '../src/rules/rolling.js';

describe('grace', () => {
  it.each([
    [undefined, 30, 30],
    [5, 30, 5],
    [60, 30, 60],
    [0, 30, 0],
    [-1, 30, 1],
  ])('a deletion with %s of a pod with %s s has %s', (requested, specified, grace) => {
    expect(deletionGrace(requested, specified)).toBe(grace);
  });

  it.each([
    [undefined, 30, 30],
    [undefined, 0, 1],
    [30, 5, 5],
    [5, 30, 5],
    [30, 0, 1],
  ])('what was %s and is to be %s is %s', (granted, wanted, grace) => {
    expect(effectiveGrace(granted, wanted)).toBe(grace);
  });

  it('counts whole seconds, rounded down, and never stops anybody in less than 2 s', () => {
    expect(graceLeft(10, 3_999)).toBe(7);
    expect(graceLeft(10, 4_000)).toBe(6);
    expect([stopSeconds(0), stopSeconds(1), stopSeconds(2), stopSeconds(9)]).toEqual([2, 2, 2, 9]);
    expect([nodeShutdownGrace(10, 30), nodeShutdownGrace(30, 10)]).toEqual([10, 10]);
  });
});

it('a sidecar waits for all mains, and for the sidecar that came after it', () => {
  const named = (name: string, role: 'main' | 'sidecar' | 'init') => ({ name, role });
  const order = terminationOrder(
    [named('a', 'main'), named('b', 'main')],
    [named('one', 'sidecar'), named('migrate', 'init'), named('two', 'sidecar'), named('three', 'sidecar')],
  );
  expect(Object.fromEntries(order)).toEqual({
    a: [],
    b: [],
    three: ['a', 'b'],
    two: ['a', 'b', 'three'],
    migrate: [],
    one: ['a', 'b', 'two'],
  });
});

describe('probes', () => {
  it('believe an answer when it has come often enough in a row', () => {
    const thresholds = { successThreshold: 2, failureThreshold: 3 };
    const answers = ['failure', 'failure', 'success', 'success', 'failure', 'failure', 'failure'] as const;
    let state = beforeFirst('readiness');
    const verdicts = answers.map((answer) => {
      state = afterAnswer(state, answer, thresholds);
      return state.verdict;
    });
    expect(verdicts).toEqual(['failure', 'failure', 'failure', 'success', 'success', 'success', 'failure']);
  });

  it('begin with a container that is alive, and not ready', () => {
    expect(beforeFirst('liveness').verdict).toBe('success');
    expect(beforeFirst('readiness').verdict).toBe('failure');
    expect(beforeFirst('startup').verdict).toBe('unknown');
  });

  it('count whole seconds of the initial delay', () => {
    expect([isDue(2, 1_999), isDue(2, 2_000), isDue(0, 0)]).toEqual([false, true, true]);
  });

  it('ask by a clock that strikes on: of strikes that were missed, one counts', () => {
    expect(nextQuestion(1_000, 1_000, 400)).toEqual({ waitMs: 600, strikesMs: 2_000 });
    expect(nextQuestion(1_000, 1_000, 3_400)).toEqual({ waitMs: 0, strikesMs: 4_000 });
  });
});

describe('restarts', () => {
  it('come at once, then after 10 s, 20 s, … 300 s, and from the beginning after ten minutes', () => {
    let restarts = { inRow: 0 };
    const delays = Array.from({ length: 8 }, () => {
      const next = afterExit(restarts, 1_000, kubeletBackOff);
      restarts = next.restarts;
      return next.delayMs / 1_000;
    });
    expect(delays).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
    expect(afterExit(restarts, 600_000, kubeletBackOff).delayMs).toBe(0);
  });

  it.each([
    ['main', 'Always', true, false, true],
    ['main', 'OnFailure', true, false, false],
    ['main', 'OnFailure', true, true, true],
    ['main', 'OnFailure', false, false, true],
    ['main', 'Never', false, true, false],
    ['sidecar', 'Never', true, false, true],
    ['init', 'Always', true, false, false],
    ['init', 'Always', false, false, true],
  ] as const)(
    'of a %s under %s, success %s, by a probe %s: %s',
    (role, policy, success, byProbe, restarted) => {
      expect(isRestarted(role, policy, { success, byProbe })).toBe(restarted);
    },
  );
});

describe('endpoints', () => {
  it('say of a pod that is ending that it serves, and is not ready', () => {
    expect(endpointOf({ ready: true, terminating: true, gone: false }, false)).toEqual({
      ready: false,
      serving: true,
      terminating: true,
    });
    expect(endpointOf({ ready: false, terminating: true, gone: false }, true)).toMatchObject({ ready: true });
    expect(endpointOf({ ready: true, terminating: false, gone: true }, false)).toBeUndefined();
  });

  it('are chosen among the ready; where nobody is, among those that are ending and serve', () => {
    const ready = { ready: true, serving: true, terminating: false };
    const leaving = { ready: false, serving: true, terminating: true };
    const unready = { ready: false, serving: false, terminating: false };
    expect(choices([ready, leaving, unready])).toEqual([ready]);
    expect(choices([leaving, unready])).toEqual([leaving]);
    expect(choices([unready])).toEqual([]);
  });
});

describe('a rolling update', () => {
  it.each([
    [3, '25%', '25%', { maxSurge: 1, maxUnavailable: 0 }],
    [10, '25%', '25%', { maxSurge: 3, maxUnavailable: 2 }],
    [3, 0, '25%', { maxSurge: 0, maxUnavailable: 1 }],
    [1, 0, 0, { maxSurge: 0, maxUnavailable: 1 }],
    [4, 2, 1, { maxSurge: 2, maxUnavailable: 1 }],
  ] as const)('of %s pods with %s and %s', (replicas, surge, unavailable, bounds) => {
    expect(boundsOf(replicas, surge, unavailable)).toEqual(bounds);
  });

  it('never has more pods than it may, nor fewer that are available', () => {
    for (const replicas of [1, 2, 3, 5]) {
      for (const [maxSurge, maxUnavailable] of [
        [1, 0],
        [0, 1],
        [2, 1],
        [0, 2],
      ] as const) {
        const bounds = { maxSurge, maxUnavailable };
        const counts = { replicas, fresh: 0, freshAvailable: 0, old: replicas, oldAvailable: replicas };
        let steps = 0;
        while (counts.old > 0 || counts.freshAvailable < replicas) {
          expect(++steps).toBeLessThan(100);
          const step = nextStep(counts, bounds);
          counts.fresh += step.create;
          expect(counts.fresh + counts.old).toBeLessThanOrEqual(replicas + maxSurge);
          counts.old -= step.removeAvailable + step.removeUnavailable;
          counts.oldAvailable -= step.removeAvailable;
          const least = Math.max(0, replicas - maxUnavailable);
          expect(counts.freshAvailable + counts.oldAvailable).toBeGreaterThanOrEqual(least);
          // One pod becomes ready at a time.
          if (step.create + step.removeAvailable + step.removeUnavailable === 0) counts.freshAvailable++;
        }
      }
    }
  });

  it('removes first what is of no use', () => {
    const counts = { replicas: 3, fresh: 0, freshAvailable: 0, old: 3, oldAvailable: 1 };
    expect(nextStep(counts, { maxSurge: 1, maxUnavailable: 1 })).toEqual({
      create: 1,
      removeUnavailable: 1,
      removeAvailable: 0,
    });
  });
});
