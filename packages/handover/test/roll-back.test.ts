import { describe, expect, it } from 'vitest';
import { exitCodeOf, exitCodeOfFailure } from '../src/supervisor/exit-code.js';
import { isHopeless } from '../src/supervisor/roll-back.js';

const limit = { crashes: 3, withinMs: 60_000 };

describe('a version is hopeless', () => {
  it('when it was upgraded to, and crashes often enough soon enough', () => {
    expect(isHopeless({ origin: 'upgrade', crashes: 3, activeMs: 60_000 }, limit)).toBe(true);
    expect(isHopeless({ origin: 'upgrade', crashes: 2, activeMs: 1_000 }, limit)).toBe(false);
    expect(isHopeless({ origin: 'upgrade', crashes: 9, activeMs: 60_001 }, limit)).toBe(false);
  });

  it('never when there is nothing better: the first one, and what was gone back to', () => {
    expect(isHopeless({ origin: 'start', crashes: 9, activeMs: 1_000 }, limit)).toBe(false);
    expect(isHopeless({ origin: 'rollback', crashes: 9, activeMs: 1_000 }, limit)).toBe(false);
  });

  it('never where nobody wants to know', () => {
    expect(isHopeless({ origin: 'upgrade', crashes: 9, activeMs: 1_000 }, false)).toBe(false);
  });
});

describe('the exit code', () => {
  it('is what a shell would say, of the first that is not 0', () => {
    expect(exitCodeOf([])).toBe(0);
    expect(exitCodeOf([{ code: 0, signal: null }])).toBe(0);
    expect(
      exitCodeOf([
        { code: 0, signal: null },
        { code: 3, signal: null },
      ]),
    ).toBe(3);
    expect(exitCodeOf([{ code: null, signal: 'SIGKILL' }])).toBe(137);
  });

  it('of a service that never came up is its own where it went by itself, and never 0', () => {
    expect(exitCodeOfFailure('exit', [{ code: 3, signal: null }])).toBe(3);
    expect(exitCodeOfFailure('exit', [{ code: 0, signal: null }])).toBe(1);
    expect(exitCodeOfFailure('timeout', [{ code: null, signal: 'SIGTERM' }])).toBe(1);
  });
});
