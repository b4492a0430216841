import type { ClientKind } from '../clients.js';
import type { Outcome } from '../outcome.js';
import { count } from '../paint.js';
import { line, path, round, text } from './elements.js';
import { type Lane, left, type Plot, right } from './plot.js';

const binMs = 100;
/** Of the lane with the most answers; the others are as high as they need to be. */
const highest = 76;
const lowest = 34;

interface Bin {
  readonly from: number;
  readonly answers: number;
}

interface Kind {
  readonly name: string;
  readonly className: string;
  readonly kinds: readonly ClientKind[];
}

const shown: readonly Kind[] = [
  { name: 'kept-alive', className: 'keptAlive', kinds: ['kept-alive', 'idle', 'silent'] },
  { name: 'fresh', className: 'fresh', kinds: ['fresh'] },
];

/** Answers per 100 ms, a lane for each kind of client, all on one scale. */
export function areaLanes(plot: Plot, outcome: Outcome): Lane[] {
  const lanes = shown.map(({ name, className, kinds }) => {
    const bins = binned(outcome, kinds);
    const most = Math.max(5, ...bins.map(({ answers }) => answers));
    return { name, className, bins, ceiling: Math.ceil(most / 5) * 5 };
  });
  const pixels = highest / Math.max(...lanes.map(({ ceiling }) => ceiling));
  return lanes.map(({ name, className, bins, ceiling }) => {
    const total = bins.reduce((sum, { answers }) => sum + answers, 0);
    const height = Math.max(lowest, ceiling * pixels);
    return {
      name,
      note: `${count(total)} answers, per ${binMs} ms`,
      height,
      draw: (top) => area(plot, className, bins, { ceiling, pixels, bottom: top + height }),
    };
  });
}

/** Cut at the signal, so that none has answers from before it and from after it. */
function binned({ tally, loadAt, signalAt, exit }: Outcome, kinds: readonly ClientKind[]): Bin[] {
  const index = (at: number) => Math.floor((at - signalAt) / binMs);
  const first = index(loadAt);
  const bins = Array.from({ length: index(exit.at) - first + 1 }, (_, number) => ({
    from: signalAt + (first + number) * binMs,
    answers: 0,
  }));
  for (const { kind, answeredAt } of tally.answered) {
    const bin = bins[index(answeredAt) - first];
    if (bin && kinds.includes(kind)) bin.answers += 1;
  }
  return bins;
}

function area(
  plot: Plot,
  className: string,
  bins: readonly Bin[],
  { ceiling, pixels, bottom }: { readonly ceiling: number; readonly pixels: number; readonly bottom: number },
): string[] {
  const y = (answers: number) => round(bottom - answers * pixels);
  const steps = bins.map(({ from, answers }) => {
    return `L${round(plot.x(from))} ${y(answers)}H${round(plot.x(from + binMs))}`;
  });
  const outline = `M${left} ${y(0)}${steps.join('')}V${y(0)}`;
  return [
    line('rule', [left, y(ceiling)], [right, y(ceiling)]),
    path(className, `${outline}Z`),
    path(`area edge ${className}`, outline),
    line('axis', [left, bottom], [right, bottom]),
    text('tick', [left - 8, y(ceiling) + 4], String(ceiling), 'end'),
    text('tick', [left - 8, bottom + 4], '0', 'end'),
  ];
}
