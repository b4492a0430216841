import { habits } from '../clients.js';
import type { Outcome } from '../outcome.js';
import { statesOf } from '../states.js';
import { areaLanes } from './areas.js';
import { readinessLane, statesLane } from './bars.js';
import { type Anchor, element, line, rect, text, widthOf } from './elements.js';
import { figures } from './figures.js';
import { hooksLane } from './hooks.js';
import { lostLane } from './lost.js';
import { type Lane, left, Plot, right, width } from './plot.js';
import { slowLane } from './slow.js';
import { style } from './style.js';

const margin = 28;
const gap = 16;
const plotTop = 104;
const axisHeight = 26;

/** Everything that happened, as an SVG. `setting`: what was measured, with what. */
export function picture(outcome: Outcome, setting: string): string {
  const plot = new Plot(outcome.loadAt, outcome.exit.at);
  const lanes = [
    statesLane(plot, outcome),
    readinessLane(plot, outcome),
    ...areaLanes(plot, outcome),
    slowLane(plot, outcome),
    lostLane(plot, outcome),
  ];
  const tops = stacked(lanes, plotTop);
  const axisY = (tops.at(-1) ?? plotTop) + (lanes.at(-1)?.height ?? 0) + 10;
  const hooks = hooksLane(plot, outcome, axisHeight);
  const hooksTop = axisY + axisHeight;
  const figuresTop = hooksTop + hooks.height + 16;
  const height = figuresTop + 74;

  const clients = habits.reduce((sum, { count }) => sum + count, 0);
  const title = 'An orders service is taken away under load';
  const body = [
    element('title', {}, title),
    style,
    rect('paper', [0.5, 0.5], [width - 1, height - 1], 8),
    text('title', [margin, 40], title),
    text('note', [margin, 60], `${clients} clients that never retry; ${setting}; one run of pnpm demo`),
    ...lanes.flatMap((lane, index) => drawn(lane, tops[index] ?? plotTop)),
    ...drawn(hooks, hooksTop),
    ...axis(plot, outcome, axisY),
    ...instants(plot, outcome, axisY),
    line('rule', [margin, figuresTop], [right, figuresTop]),
    ...figures(outcome, figuresTop + 36),
  ];
  const size = { width, height, viewBox: `0 0 ${width} ${height}` };
  return `${element('svg', { xmlns: 'http://www.w3.org/2000/svg', ...size, role: 'img' }, `\n${body.join('\n')}\n`)}\n`;
}

function stacked(lanes: readonly Lane[], top: number): number[] {
  let next = top;
  return lanes.map(({ height }) => {
    const here = next;
    next += height + gap;
    return here;
  });
}

function drawn(lane: Lane, top: number): string[] {
  const middle = top + lane.height / 2;
  const names = lane.note
    ? [text('name', [margin, middle - 3], lane.name), text('note', [margin, middle + 13], lane.note)]
    : [text('name', [margin, middle + 4.5], lane.name)];
  return [...names, ...lane.draw(top)];
}

/** What happened at one moment: a line through everything, and what it was above. */
function instants(plot: Plot, outcome: Outcome, bottom: number): string[] {
  const { signalAt, exit } = outcome;
  const draining = statesOf(outcome).find(({ state }) => state === 'draining');
  const all = [
    { at: signalAt, what: 'SIGTERM', className: 'instant' },
    { at: exit.at, what: `exit ${exit.code ?? exit.signal}`, className: 'instant' },
    ...(draining ? [{ at: draining.at, what: 'listener closes', className: 'instant dashed' }] : []),
  ];
  const taken: Span[] = [];
  return all.flatMap(({ at, what, className }) => {
    const x = plot.x(at);
    const mark = line(className, [x, plotTop - 8], [x, bottom]);
    // The first ones have the room first.
    const anchor = anchors.find((some) => isFree(spanOf(x, what, some), taken));
    if (!anchor) return [mark];
    taken.push(spanOf(x, what, anchor));
    return [mark, text('mark', [x, plotTop - 14], what, anchor)];
  });
}

type Span = readonly [from: number, to: number];

const anchors: readonly Anchor[] = ['middle', 'end', 'start'];

function spanOf(x: number, words: string, anchor: Anchor): Span {
  const wide = widthOf(words);
  const from = { start: x, middle: x - wide / 2, end: x - wide }[anchor];
  return [from, from + wide];
}

function isFree([from, to]: Span, taken: readonly Span[]): boolean {
  const apart = 10;
  return (
    from >= left && to <= right && taken.every((other) => to + apart < other[0] || from > other[1] + apart)
  );
}

function axis(plot: Plot, { loadAt, signalAt, exit }: Outcome, y: number): string[] {
  const first = Math.ceil((loadAt - signalAt) / 1_000);
  const last = Math.floor((exit.at - signalAt) / 1_000);
  const seconds = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return [
    line('axis', [left, y], [right, y]),
    ...seconds.flatMap((second) => {
      const x = plot.x(signalAt + second * 1_000);
      const sign = second > 0 ? '+' : second < 0 ? '−' : '';
      const words = `${sign}${Math.abs(second)} s`;
      // Beside the margin it is moved in.
      const [wordsAt, anchor]: [number, Anchor] =
        x + widthOf(words, 11) / 2 > right ? [right, 'end'] : [x, 'middle'];
      return [line('axis', [x, y], [x, y + 5]), text('tick', [wordsAt, y + 18], words, anchor)];
    }),
  ];
}
