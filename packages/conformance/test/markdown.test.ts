import { describe, expect, it } from 'vitest';
import { type ConformanceReport, type RowReport, summary, toMarkdown } from '../src/index.js';

const row: RowReport = {
  id: 'exit',
  name: 'exits with 0',
  result: 'passed',
  violations: [],
  needs: [],
  requests: { sent: 3, answered: 3, lost: 0, turnedAway: 0 },
  exit: { how: 0, afterMs: 120, lagMs: 8 },
  measures: {},
  narrative: '',
};

function report(...rows: readonly RowReport[]): ConformanceReport {
  return {
    command: ['node', 'server.js'],
    startedAt: '2026-11-20T10:00:00.000Z',
    durationMs: 1,
    rows,
    passed: true,
  };
}

describe('the table', () => {
  it('has a line for each row, and below it what was not as it should be', () => {
    const lost = { sent: 3, answered: 1, lost: 2, turnedAway: 0 };
    const failed: RowReport = {
      ...row,
      id: 'told',
      result: 'failed',
      requests: lost,
      exit: 'never',
      violations: ['a | b\nc'],
    };
    const markdown = toMarkdown(report(row, failed));
    expect(markdown).toContain('`node server.js`, 2026-11-20: 1 passed, 1 failed, 0 skipped.');
    expect(markdown).toContain('| exits with 0 | yes | 0 | 0 | 3 | 0 after 120 ms, lag 8 ms |');
    expect(markdown).toContain('| exits with 0 | **no** | 2 | 0 | 3 | never |');
    expect(markdown).toContain('`told`:\n- a \\| b c');
  });

  it('says of a row that was not played what it needs', () => {
    const skipped: RowReport = { ...row, result: 'skipped', needs: ['requests.slow'] };
    expect(toMarkdown(report(skipped))).toContain('| not played: give `requests.slow` |');
    expect(summary({ rows: [skipped, row] })).toBe('1 passed, 0 failed, 1 skipped');
  });
});
