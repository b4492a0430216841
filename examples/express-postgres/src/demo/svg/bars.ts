import type { Outcome } from '../outcome.js';
import { statesOf } from '../states.js';
import { rect, text, widthOf } from './elements.js';
import type { Lane, Plot } from './plot.js';

interface Bar {
  readonly className: string;
  readonly from: number;
  readonly to: number;
  /** The first of them that fits is written. */
  readonly words: readonly string[];
}

const inset = 8;

/** One bar behind the other, with as many words on each as fit. */
function barsLane(plot: Plot, name: string, height: number, bars: readonly Bar[]): Lane {
  return {
    name,
    height,
    draw: (top) =>
      bars.flatMap(({ className, from, to, words }) => {
        const x = plot.x(from);
        // The shortest state is seen too.
        const wide = Math.max(2, plot.x(to) - x - 1);
        const fitting = words.find((some) => widthOf(some) + 2 * inset <= wide);
        return [
          rect(className, [x, top], [wide, height], wide > 8 ? 3 : 0),
          ...(fitting ? [text(`on-${className}`, [x + inset, top + height / 2 + 4.2], fitting)] : []),
        ];
      }),
  };
}

const looks: Readonly<Record<string, Pick<Bar, 'className' | 'words'>>> = {
  ready: { className: 'ready', words: ['ready'] },
  'lame-duck': {
    className: 'lameDuck',
    words: ['lame-duck: serves on, and every answer says Connection: close', 'lame-duck'],
  },
  draining: {
    className: 'draining',
    words: ['draining: what is in flight is finished', 'draining: finishes', 'draining'],
  },
  closing: { className: 'closing', words: ['closing'] },
};

export function statesLane(plot: Plot, outcome: Outcome): Lane {
  const states = statesOf(outcome);
  const bars = states.flatMap(({ state, at }, index) => {
    const look = looks[state];
    return look ? [{ ...look, from: at, to: states[index + 1]?.at ?? outcome.exit.at }] : [];
  });
  return barsLane(plot, 'state', 26, bars);
}

/** What a balancer saw. */
export function readinessLane(plot: Plot, { tally, loadAt, exit }: Outcome): Lane {
  const first = (unlike: readonly unknown[]) =>
    tally.readiness.find(({ readiness }) => !unlike.includes(readiness))?.at ?? exit.at;
  const turned = first([200]);
  const refused = first([200, 503]);
  const words503 = '503: balancers hear of it, and send new clients elsewhere';
  return barsLane(plot, '/readyz', 26, [
    { className: 'ready', from: loadAt, to: turned, words: ['200'] },
    { className: 'lameDuck', from: turned, to: refused, words: [words503, '503'] },
    { className: 'gone', from: refused, to: exit.at, words: ['nobody listens', 'refused'] },
  ]);
}
