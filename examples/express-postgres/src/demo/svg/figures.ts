import type { Outcome } from '../outcome.js';
import { count, seconds } from '../paint.js';
import { text } from './elements.js';
import { right } from './plot.js';

interface Figure {
  readonly figure: string;
  readonly of: string;
  readonly className?: 'good' | 'bad';
}

function judged(good: boolean): 'good' | 'bad' {
  return good ? 'good' : 'bad';
}

function figuresOf(outcome: Outcome): Figure[] {
  const { tally, signalAt, exit } = outcome;
  const { report } = exit;
  return [
    { figure: count(tally.answered.length), of: 'requests answered' },
    { figure: count(tally.lost.length), of: 'lost', className: judged(tally.lost.length === 0) },
    { figure: count(report?.connections.told ?? 0), of: 'connections told to close' },
    { figure: seconds(exit.at - signalAt), of: 'from SIGTERM to the exit' },
    { figure: String(exit.code ?? exit.signal), of: 'exit code', className: judged(exit.code === 0) },
    {
      figure: report?.verdict ?? 'none',
      of: 'verdict',
      className: judged(report?.verdict === 'clean'),
    },
  ];
}

/** The left edge of each; what is told of them is of different length. */
const columns = [28, 204, 296, 500, 700, 820];

/** What it came to, in a row. */
export function figures(outcome: Outcome, y: number): string[] {
  return figuresOf(outcome).flatMap(({ figure, of, className = 'ink' }, index) => {
    const x = columns[index] ?? right;
    return [text(`figure ${className}`, [x, y], figure), text('note', [x, y + 18], of)];
  });
}
