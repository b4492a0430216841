import type { Outcome } from '../outcome.js';
import { element, line, text } from './elements.js';
import { type Lane, left, type Plot, right } from './plot.js';

const height = 16;

/** A line at nought, and a red dot on it for each request that was lost. */
export function lostLane(plot: Plot, { tally: { lost } }: Outcome): Lane {
  return {
    name: 'lost',
    height,
    draw: (top) => {
      const y = top + height / 2;
      return [
        line('no-loss', [left, y], [right, y]),
        text('tick', [left - 8, y + 4], '0', 'end'),
        ...lost.map(({ at }) => element('circle', { class: 'bad', cx: plot.x(at), cy: y, r: 4 })),
      ];
    },
  };
}
