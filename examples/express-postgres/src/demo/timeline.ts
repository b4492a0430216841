import type { ClientKind } from './clients.js';
import type { Outcome } from './outcome.js';
import { paint } from './paint.js';
import { type StateSpan, statesOf } from './states.js';
import type { Answered, Sample } from './tally.js';
import { columns, sparkline, TimeAxis } from './time-axis.js';

/** A row of the picture: its name, and `columns` characters. */
export type Row = readonly [name: string, picture: string];

/** What happened, with the time from left to right. */
export function timeline(outcome: Outcome): Row[] {
  const { tally, loadAt, signalAt, exit } = outcome;
  const axis = new TimeAxis(loadAt, exit.at);
  const answers = (...kinds: ClientKind[]) =>
    sparkline(
      axis.histogram(
        tally.answered.filter(({ kind }) => kinds.includes(kind)).map(({ answeredAt }) => answeredAt),
      ),
    );
  const states = statesOf(outcome);
  return [
    ['', axis.labels(seen(axis, states).map(({ state, at }) => [at, state]))],
    ['state', stateBar(axis, states)],
    ['/readyz', readinessBar(axis, tally.readiness)],
    ['kept-alive', paint('cyan', answers('kept-alive', 'idle', 'silent'))],
    ['fresh', paint('cyan', answers('fresh'))],
    ['slow', paint('cyan', sparkline(axis.overlaps(tally.answered.filter(isSlow).map(span))))],
    ['lost', losses(axis.histogram(tally.lost.map(({ at }) => at)))],
    ['', paint('dim', axis.labels(ticks(loadAt, signalAt, exit.at)))],
  ];
}

/** Without those that were over within a column. */
function seen(axis: TimeAxis, states: readonly StateSpan[]): StateSpan[] {
  return states.filter(({ at }, index) => {
    const next = states[index + 1];
    return !next || axis.column(next.at) > axis.column(at);
  });
}

const shades: Readonly<Record<string, string>> = {
  ready: paint('green', '█'),
  'lame-duck': paint('yellow', '▓'),
  draining: paint('magenta', '▒'),
  closing: paint('blue', '░'),
};

function stateBar(axis: TimeAxis, states: readonly StateSpan[]): string {
  return Array.from({ length: columns }, (_, column) => {
    // The shortest state is seen too: it has the column that it begins in.
    const state = states.findLast(({ at }) => axis.column(at) <= column)?.state ?? 'ready';
    return shades[state] ?? '?';
  }).join('');
}

function readinessBar(axis: TimeAxis, samples: readonly Sample[]): string {
  const turned = samples.find(({ readiness }) => readiness !== 200);
  const refused = samples.find(({ readiness }) => readiness === 'refused');
  const ready = turned ? axis.column(turned.at) : columns;
  const notReady = (refused ? axis.column(refused.at) : columns) - ready;
  return paint('green', bar('200 ', '━', ready)) + paint('yellow', bar('503 ', '╌', notReady));
}

function bar(word: string, stroke: string, length: number): string {
  return word.padEnd(length, stroke).slice(0, length);
}

function isSlow({ kind }: Answered): boolean {
  return kind === 'slow';
}

function span({ sentAt, answeredAt }: Answered): readonly [number, number] {
  return [sentAt, answeredAt];
}

function losses(perColumn: readonly number[]): string {
  return perColumn.map((lost) => (lost > 0 ? paint('red', '✗') : paint('dim', '·'))).join('');
}

function ticks(loadAt: number, signalAt: number, exitAt: number): [at: number, word: string][] {
  const words: [number, string][] = [
    [signalAt, 'SIGTERM'],
    [exitAt, 'exit'],
    [loadAt, `-${((signalAt - loadAt) / 1_000).toFixed(1)} s`],
  ];
  for (let at = signalAt + 2_000, second = 2; at < exitAt; at += 2_000, second += 2)
    words.push([at, `+${second} s`]);
  return words;
}
