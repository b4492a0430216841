import { describe, expect, it } from 'vitest';
import { next, outOfTurn, type ProcessEvent, type ProcessState, spawned } from '../src/generation/state.js';

const failure = { code: 'aborted', message: 'given up' } as const;
const exit = { code: 0, signal: null };

/** Walk through `events`, each a millisecond after the one before. */
function walk(...events: ProcessEvent[]): ProcessState {
  return events.reduce((state, event, index) => next(state, event, index + 1), spawned(0, 1_000));
}

const toPrepared: ProcessEvent[] = [{ type: 'hello' }, { type: 'prepared' }];
const toReady: ProcessEvent[] = [...toPrepared, { type: 'go', listenMs: 100 }, { type: 'ready' }];

describe('a process of a generation', () => {
  it('goes from its start to where it is the one', () => {
    expect(walk({ type: 'hello' }).name).toBe('hello');
    expect(walk(...toPrepared).name).toBe('prepared');
    expect(walk(...toPrepared, { type: 'go', listenMs: 100 }).name).toBe('going');
    expect(walk(...toReady).name).toBe('ready');
    expect(walk(...toReady, { type: 'activate' }).name).toBe('active');
    expect(walk(...toReady, { type: 'activate' }, { type: 'drain' }).name).toBe('draining');
  });

  it('passes over what has no place', () => {
    const prepared = walk(...toPrepared);
    expect(next(prepared, { type: 'ready' }, 5)).toBe(prepared);
    expect(next(prepared, { type: 'activate' }, 5)).toBe(prepared);
    const fresh = spawned(0, 1_000);
    expect(next(fresh, { type: 'go', listenMs: 1 }, 5)).toBe(fresh);
    expect(outOfTurn(fresh, 'prepared')).toBe(true);
    expect(outOfTurn(fresh, 'hello')).toBe(false);
    expect(outOfTurn(walk(...toReady), 'ready')).toBe(true);
  });

  it('is ready at once where it does not speak the protocol', () => {
    expect(walk({ type: 'plain-ready' }).name).toBe('ready');
  });

  it('is given up when its time is up, and not a moment before', () => {
    const fresh = spawned(0, 1_000);
    expect(next(fresh, { type: 'tick' }, 999)).toBe(fresh);
    expect(next(fresh, { type: 'tick' }, 1_000)).toMatchObject({
      name: 'failed',
      failure: { code: 'timeout' },
    });
    const going = walk(...toPrepared, { type: 'go', listenMs: 100 });
    expect(next(going, { type: 'tick' }, 103)).toMatchObject({
      name: 'failed',
      failure: { code: 'timeout' },
    });
  });

  it('waits for the word to listen without a deadline', () => {
    const prepared = walk(...toPrepared);
    expect(next(prepared, { type: 'tick' }, 1e9)).toBe(prepared);
  });

  it('gets more time when it asks, up to ten times, and never less', () => {
    const fresh = spawned(0, 1_000);
    expect(next(fresh, { type: 'extend', ms: 5_000 }, 500)).toMatchObject({ deadline: 5_500 });
    expect(next(fresh, { type: 'extend', ms: 1e6 }, 500)).toMatchObject({ deadline: 10_000 });
    expect(next(fresh, { type: 'extend', ms: 1 }, 500)).toMatchObject({ deadline: 1_000 });
  });

  it('has exactly one outcome when it is ready in the moment its time is up', () => {
    const going = walk(...toPrepared, { type: 'go', listenMs: 100 });
    const late = next(next(going, { type: 'tick' }, 103), { type: 'ready' }, 103);
    expect(late.name).toBe('failed');
    const inTime = next(next(going, { type: 'ready' }, 103), { type: 'tick' }, 103);
    expect(inTime.name).toBe('ready');
  });

  it('fails by its exit before it is the one, whatever the code', () => {
    for (const events of [[], toPrepared, toReady] as ProcessEvent[][]) {
      expect(walk(...events, { type: 'exit', exit })).toMatchObject({
        name: 'exited',
        failure: { code: 'exit' },
      });
    }
    expect(walk(...toReady, { type: 'activate' }, { type: 'exit', exit })).toMatchObject({
      failure: { message: 'it exited with code 0 while it was the active one' },
    });
  });

  it('does not fail by the exit that it was told to make', () => {
    expect(walk(...toReady, { type: 'activate' }, { type: 'drain' }, { type: 'exit', exit })).toEqual({
      name: 'exited',
      exit,
    });
  });

  it('keeps why it was given up until after its exit', () => {
    expect(
      walk({ type: 'fail', failure }, { type: 'exit', exit: { code: null, signal: 'SIGTERM' } }),
    ).toEqual({
      name: 'exited',
      exit: { code: null, signal: 'SIGTERM' },
      failure,
    });
  });

  it('is not given up any more when it leaves already', () => {
    const draining = walk(...toReady, { type: 'drain' });
    expect(next(draining, { type: 'fail', failure }, 10)).toBe(draining);
    const exited = walk({ type: 'exit', exit });
    expect(next(exited, { type: 'hello' }, 10)).toBe(exited);
  });
});
