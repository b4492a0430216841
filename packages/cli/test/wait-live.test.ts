import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WaitLive } from '../src/output/wait/wait-live.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const because = 'there is no such file (ENOENT)';
const missing = (target: string) =>
  ({ state: 'missing', target, kind: 'file', afterMs: 0, tries: 1, because }) as const;
const there = (target: string) =>
  ({ state: 'there', target, kind: 'file', afterMs: 1_200, tries: 4 }) as const;

function view(targets: readonly string[], rows: number) {
  let written = '';
  const out = { write: (text: string) => (written += text), columns: 60, rows };
  const live = new WaitLive(targets, out, { LANG: 'C.UTF-8', NO_COLOR: '1' });
  /** What was drawn last, after what was erased for it. */
  const drawn = () => written.slice(written.lastIndexOf('\u001B[J') + 3).split('\n');
  return { live, drawn, written: () => written };
}

describe('the live view of a wait', () => {
  it('lets stand what has come, and draws the rest again below it', () => {
    const { live, drawn, written } = view(['file:/a', 'file:/b'], 24);
    live.progress({ ...missing('file:/b'), againInMs: 250 });
    live.progress(there('file:/a'));
    expect(drawn()).toEqual([
      '  ✓ file:/a  1.2 s',
      expect.stringMatching(/^ {2}⠋ file:\/b: there is no such file \(ENOENT\) {2}0 ms$/),
      '',
    ]);
    vi.advanceTimersByTime(100);
    // One line up: what stands is not touched.
    const [, last] = written().split('\u001B[1A\r\u001B[J').slice(-2);
    expect(last).toMatch(/^ {2}⠙ file:\/b[^\n]*\n$/);
    live.end({
      done: 'failed',
      code: 'timeout',
      durationMs: 1_300,
      targets: [there('file:/a'), missing('file:/b')],
    });
    expect(drawn()).toEqual([
      `  ✗ file:/b: ${because}`,
      '✗ wait failed (timeout): 1 of 2 missing after 1.3 s',
      '',
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('never draws more than the terminal has lines, which could not be erased', () => {
    const targets = Array.from({ length: 30 }, (_, index) => `file:/${index}`);
    const { live, drawn } = view(targets, 6);
    expect(drawn()).toHaveLength(6);
    expect(drawn().at(-2)).toBe('    and 26 more');
    for (const target of targets.slice(0, 26)) live.progress(there(target));
    expect(drawn().slice(1)).toHaveLength(5);
    expect(drawn().join('')).not.toContain('more');
    live.end({ done: 'ok', durationMs: 2_000, targets: targets.map(there) });
    expect(drawn()).toEqual(['✓ wait done in 2.0 s', '']);
  });

  it('has no line that wraps', () => {
    const { live, drawn } = view([`file:/${'a'.repeat(100)}`], 24);
    live.progress({ ...missing(`file:/${'a'.repeat(100)}`), againInMs: 250 });
    for (const line of drawn()) expect(line.length).toBeLessThanOrEqual(60);
  });
});
