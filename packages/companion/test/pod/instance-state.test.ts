import { describe, expect, it } from 'vitest';
import {
  hasLeft,
  type InstanceEvent,
  instanceStates,
  isGone,
  isLive,
  isOver,
  nextState,
} from '../../src/pod/instance-state.js';

const way = (...events: InstanceEvent[]) =>
  events.reduce(
    (states, event) => [...states, nextState(states.at(-1) ?? 'expected', event)],
    ['expected' as ReturnType<typeof nextState>],
  );

const events: InstanceEvent[] = [
  'registered',
  'ready',
  'not-ready',
  'lame-duck',
  'cancelled',
  'draining',
  'closing',
  'bye',
  'gone',
  'deadline',
  'never-came',
];

describe('the states of an instance', () => {
  it('go the whole way', () => {
    expect(way('registered', 'ready', 'lame-duck', 'draining', 'closing', 'bye', 'gone')).toEqual([
      'expected',
      'starting',
      'ready',
      'lame-duck',
      'draining',
      'closing',
      'drained',
      'exited',
    ]);
  });

  it('go back and forth between ready and not ready', () => {
    expect(way('registered', 'ready', 'not-ready', 'ready').slice(2)).toEqual([
      'ready',
      'not-ready',
      'ready',
    ]);
  });

  it('come back from a lame-duck that was cancelled, and from nothing else', () => {
    const backToReady = instanceStates.filter(
      (state) => nextState(state, 'cancelled') === 'ready' && state !== 'ready',
    );
    expect(backToReady).toEqual(['lame-duck']);
    const becomeReady = instanceStates.filter(
      (state) => nextState(state, 'ready') === 'ready' && state !== 'ready',
    );
    expect(becomeReady).toEqual(['starting', 'not-ready']);
  });

  it('never leave an end', () => {
    for (const state of instanceStates.filter(isGone)) {
      for (const event of events) expect(nextState(state, event)).toBe(state);
    }
  });

  it('end in a crash, unless a farewell came before', () => {
    expect(
      instanceStates.filter((state) => nextState(state, 'gone') === 'crashed' && state !== 'crashed'),
    ).toEqual(['starting', 'ready', 'not-ready', 'lame-duck', 'draining', 'closing']);
    expect(nextState('drained', 'gone')).toBe('exited');
    // What it said stands, however late its process goes.
    expect(nextState('drained', 'deadline')).toBe('drained');
  });

  it('are never behind where they were', () => {
    const order = ['starting', 'lame-duck', 'draining', 'closing', 'drained', 'exited'] as const;
    const rank = (state: string) =>
      order.indexOf((['ready', 'not-ready'].includes(state) ? 'starting' : state) as never);
    for (const state of instanceStates) {
      for (const event of events.filter((one) => one !== 'cancelled')) {
        const after = nextState(state, event);
        if (rank(state) >= 0 && rank(after) >= 0) expect(rank(after)).toBeGreaterThanOrEqual(rank(state));
      }
    }
  });

  it('are live, over or gone', () => {
    expect(instanceStates.filter(isLive)).toEqual([
      'starting',
      'ready',
      'not-ready',
      'lame-duck',
      'draining',
      'closing',
    ]);
    expect(instanceStates.filter(isOver)).toEqual(['drained', 'exited', 'crashed', 'lost', 'killed']);
    expect(instanceStates.filter(hasLeft)).toEqual([
      'draining',
      'closing',
      'drained',
      'exited',
      'crashed',
      'lost',
      'killed',
    ]);
  });
});
