import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LivePresenter } from '../src/output/live.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const utf8 = { LANG: 'C.UTF-8', NO_COLOR: '1' };

/** What stands on a screen after what was written: a terminal that knows CR, LF and EL. */
function onScreen(written: string): string[] {
  return written
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r\u001B[K') + 1).replace('\u001B[K', ''));
}

function view(environment: NodeJS.ProcessEnv = utf8, columns = 60) {
  let written = '';
  const presenter = new LivePresenter(
    'upgrade',
    { write: (text) => (written += text), columns },
    environment,
  );
  return { presenter, screen: () => onScreen(written), written: () => written };
}

describe('the live view', () => {
  it('has a line for each stage, with the time it took, and the last one lives', () => {
    const { presenter, screen } = view();
    presenter.event({ event: 'stage', stage: 'precheck', generation: 2 });
    vi.advanceTimersByTime(50);
    presenter.event({ event: 'stage', stage: 'start', generation: 2, text: '2 processes' });
    vi.advanceTimersByTime(1_250);
    expect(screen()).toEqual([
      expect.stringMatching(/^ {2}✓ precheck, generation 2 {2}50 ms$/),
      expect.stringMatching(/^ {2}[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] start, generation 2, 2 processes {2}1\.2 s$/),
    ]);
    presenter.end({ done: 'ok' });
    expect(screen()).toEqual([
      '  ✓ precheck, generation 2  50 ms',
      '  ✓ start, generation 2, 2 processes  1.2 s',
      '✓ upgrade done in 1.3 s',
      '',
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('marks the stage that failed, and says why in whole', () => {
    const { presenter, screen } = view(utf8, 40);
    const message = `it exited with code 1: ${'x'.repeat(60)}`;
    presenter.event({ event: 'stage', stage: 'precheck' });
    presenter.event({ event: 'stage', stage: 'start' });
    presenter.event({ event: 'stage', stage: 'failed', text: message });
    presenter.end({ done: 'failed', code: 'exit', message });
    expect(screen()).toEqual([
      '  ✓ precheck  0 ms',
      '  ✗ start  0 ms',
      `✗ upgrade failed (exit): ${message}`,
      '',
    ]);
  });

  it('shows what is worth telling between the stages, on lines that do not wrap', () => {
    const { presenter, screen } = view(utf8, 24);
    presenter.event({ event: 'stage', stage: 'a stage with a long name' });
    presenter.event({ event: 'note', text: 'process 12 asked for more time' });
    presenter.end({ done: 'ok' });
    const lines = screen();
    expect(lines).toEqual([
      '    process 12 asked fo…',
      '  ✓ a stage with…  0 ms',
      '✓ upgrade done in 0 ms',
      '',
    ]);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(24);
  });

  it('leaves the terminal as it is when whoever watched goes', () => {
    const { presenter, screen } = view();
    presenter.event({ event: 'stage', stage: 'start' });
    presenter.leave();
    expect(screen().slice(1)).toEqual(['upgrade goes on; "graceful status" tells how it comes along', '']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is ASCII where the terminal is, and has colours where they are wanted', () => {
    const { presenter, written } = view({ LANG: 'C' });
    presenter.event({ event: 'stage', stage: 'start' });
    presenter.end({ done: 'refused', code: 'in-progress' });
    expect(written()).toContain('\u001B[31mx\u001B[39m upgrade refused (in-progress)');
    // eslint-disable-next-line no-control-regex
    expect(written()).toMatch(/^[\u0000-\u007F]*$/);
  });
});
