import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../src/lifecycle/clock.js';
import { type SignalActions, SignalReader, watchSignals } from '../src/lifecycle/signals.js';

describe('the reading of signals', () => {
  it('takes the first for the word to leave', () => {
    const reader = new SignalReader(false);
    expect(reader.read('SIGTERM', 0, false)).toEqual({ type: 'stop', skipLameDuck: false });
  });

  it('takes a second one within 500 ms for the same press, delivered twice', () => {
    const reader = new SignalReader(false);
    reader.read('SIGTERM', 0, false);
    expect(reader.read('SIGTERM', 500, true)).toEqual({ type: 'duplicate' });
  });

  it('notes a later one as a further signal', () => {
    const reader = new SignalReader(false);
    reader.read('SIGTERM', 0, false);
    expect(reader.read('SIGTERM', 501, true)).toEqual({ type: 'further' });
    expect(reader.read('SIGTERM', 9_000, true)).toEqual({ type: 'further' });
  });

  it('notes another signal as a further one, however close behind', () => {
    const reader = new SignalReader(false);
    reader.read('SIGTERM', 0, false);
    expect(reader.read('SIGINT', 1, true)).toEqual({ type: 'further' });
  });

  it('notes the first signal as a further one where a shutdown has begun without any', () => {
    const reader = new SignalReader(false);
    expect(reader.read('SIGTERM', 0, true)).toEqual({ type: 'further' });
  });

  it('does not wait for others: two signals in one turn, before anybody acted on the first', () => {
    const reader = new SignalReader(false);
    expect(reader.read('SIGTERM', 0, false)).toMatchObject({ type: 'stop' });
    expect(reader.read('SIGTERM', 0, false)).toEqual({ type: 'duplicate' });
  });
});

describe('Ctrl-C', () => {
  it('at a terminal skips the lame-duck: nothing balances towards a laptop', () => {
    expect(new SignalReader(true).read('SIGINT', 0, false)).toEqual({ type: 'stop', skipLameDuck: true });
  });

  it('where there is no terminal is a signal like others', () => {
    const reader = new SignalReader(false);
    expect(reader.read('SIGINT', 0, false)).toEqual({ type: 'stop', skipLameDuck: false });
    expect(reader.read('SIGINT', 10_000, true)).toEqual({ type: 'further' });
  });

  it('SIGTERM at a terminal does not skip it', () => {
    expect(new SignalReader(true).read('SIGTERM', 0, false)).toEqual({ type: 'stop', skipLameDuck: false });
  });

  it('delivered twice, as npm does, is one press', () => {
    const reader = new SignalReader(true);
    reader.read('SIGINT', 0, false);
    expect(reader.read('SIGINT', 20, true)).toEqual({ type: 'duplicate' });
    expect(reader.read('SIGINT', 500, true)).toEqual({ type: 'duplicate' });
  });

  it('pressed again over 500 ms after the first has had enough of waiting', () => {
    const reader = new SignalReader(true);
    reader.read('SIGINT', 0, false);
    expect(reader.read('SIGINT', 501, true)).toEqual({ type: 'give-up' });
  });

  it('pressed again and again is not taken for one long press', () => {
    const reader = new SignalReader(true);
    reader.read('SIGINT', 0, false);
    reader.read('SIGINT', 300, true);
    expect(reader.read('SIGINT', 600, true)).toEqual({ type: 'give-up' });
  });

  it('counts its own presses: the first one after a SIGTERM does not give up, the second does', () => {
    const reader = new SignalReader(true);
    reader.read('SIGTERM', 0, false);
    expect(reader.read('SIGINT', 2_000, true)).toEqual({ type: 'further' });
    expect(reader.read('SIGINT', 3_000, true)).toEqual({ type: 'give-up' });
  });

  it('followed by SIGTERM goes on leaving', () => {
    const reader = new SignalReader(true);
    reader.read('SIGINT', 0, false);
    expect(reader.read('SIGTERM', 3_000, true)).toEqual({ type: 'further' });
  });
});

describe('listening to signals', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  // Two that nothing else in a test's process listens to.
  const signals = ['SIGHUP', 'SIGUSR2'] as const;

  function watched(atTerminal = false) {
    let stopping = false;
    const actions = {
      stopping: () => stopping,
      stop: vi.fn<SignalActions['stop']>(() => {
        stopping = true;
      }),
      further: vi.fn<SignalActions['further']>(),
      giveUp: vi.fn<SignalActions['giveUp']>(),
    };
    return { actions, watch: watchSignals(signals, systemClock, actions, atTerminal) };
  }

  it('acts on the first, is silent on its duplicate, notes the next', async () => {
    const { actions, watch } = watched();
    process.emit('SIGHUP', 'SIGHUP');
    expect(actions.stop).toHaveBeenCalledExactlyOnceWith(
      'SIGHUP',
      expect.objectContaining({ skipLameDuck: false }),
    );
    process.emit('SIGHUP', 'SIGHUP');
    expect(actions.further).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(600);
    process.emit('SIGHUP', 'SIGHUP');
    process.emit('SIGUSR2', 'SIGUSR2');
    expect(actions.further.mock.calls).toEqual([['SIGHUP'], ['SIGUSR2']]);
    expect(actions.stop).toHaveBeenCalledOnce();
    expect(actions.giveUp).not.toHaveBeenCalled();
    watch[Symbol.dispose]();
  });

  it('gives up at the second Ctrl-C of a terminal', async () => {
    const before = process.listeners('SIGINT');
    const actions = { stopping: () => false, stop: vi.fn(), further: vi.fn(), giveUp: vi.fn() };
    const watch = watchSignals(['SIGINT'], systemClock, actions, true);
    // Not by process.emit: the runner of the tests may listen to this one too.
    const press = () => {
      for (const listener of process.listeners('SIGINT')) {
        if (!before.includes(listener)) listener('SIGINT');
      }
    };
    press();
    expect(actions.stop).toHaveBeenCalledExactlyOnceWith(
      'SIGINT',
      expect.objectContaining({ skipLameDuck: true }),
    );
    await vi.advanceTimersByTimeAsync(501);
    press();
    expect(actions.giveUp).toHaveBeenCalledOnce();
    watch[Symbol.dispose]();
    expect(process.listeners('SIGINT')).toEqual(before);
  });

  it('leaves the listeners of others where they are', () => {
    const others = vi.fn();
    process.on('SIGHUP', others);
    const { watch } = watched();
    process.emit('SIGHUP', 'SIGHUP');
    watch[Symbol.dispose]();
    process.emit('SIGHUP', 'SIGHUP');
    process.off('SIGHUP', others);
    expect(others).toHaveBeenCalledTimes(2);
  });

  it('ends without a trace', () => {
    const before = signals.map((signal) => process.listenerCount(signal));
    const { actions, watch } = watched();
    watch[Symbol.dispose]();
    watch[Symbol.dispose]();
    expect(signals.map((signal) => process.listenerCount(signal))).toEqual(before);
    expect(actions.stop).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});
