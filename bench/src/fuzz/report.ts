import { median } from '../report/statistics.js';
import { table } from '../report/table.js';
import type { Judged } from './judge.js';
import type { Kind } from './protocol.js';
import { protocols } from './protocols.js';
import { budgetMs } from './run.js';

/** What a fuzz was started with, and how long it took. */
export interface Circumstances {
  readonly seed: number;
  readonly parallel: number;
  readonly seconds: number;
  /** How long the machine may keep clients and service waiting before a failed run is not judged, in milliseconds. */
  readonly stall: { readonly onceMs: number; readonly inAllMs: number };
  /** How many runs were not. */
  readonly stalled: number;
}

function sum(runs: readonly Judged[], of: (run: Judged) => number): string {
  return String(runs.reduce((total, run) => total + of(run), 0));
}

function visitors(runs: readonly Judged[], manners: Kind['manners']): string {
  return sum(runs, ({ plan }) => plan.visitors.filter(({ kind }) => kind.manners === manners).length);
}

function count(runs: readonly Judged[], holds: (run: Judged) => boolean): string {
  return String(runs.filter(holds).length);
}

function row(name: string, runs: readonly Judged[]): string[] {
  return [
    name,
    String(runs.length),
    visitors(runs, 'good'),
    visitors(runs, 'bad'),
    sum(runs, ({ tally }) => tally.connections),
    sum(runs, ({ tally }) => tally.answered),
    sum(runs, ({ tally }) => tally.messages),
    sum(runs, ({ tally }) => tally.refused),
    sum(runs, ({ tally }) => tally.lost.length),
    count(runs, ({ report }) => report?.verdict === 'clean'),
    count(runs, ({ report }) => report?.verdict === 'forced'),
    count(runs, ({ violations }) => violations.length > 0),
    `${median(runs.map(({ tookMs }) => tookMs)).toFixed(0)} ms`,
    `${Math.max(...runs.map(({ plan, tookMs }) => tookMs - budgetMs(plan))).toFixed(0)} ms`,
  ];
}

const columns = [
  'protocol',
  'runs',
  'clients with manners',
  'without',
  'connections',
  'answered',
  'messages',
  'refused',
  'lost',
  'verdict clean',
  'verdict forced',
  'failed runs',
  'departure, median',
  'most beyond its budgets',
];

/** How many clients of each kind there were. */
function crowd(runs: readonly Judged[], manners: Kind['manners']): string {
  const counts = new Map<string, number>();
  for (const { kind } of runs.flatMap(({ plan }) => plan.visitors)) {
    if (kind.manners === manners) counts.set(kind.name, (counts.get(kind.name) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([name, many]) => `${name} ${many}`)
    .join('; ');
}

export function fuzzSections(
  runs: readonly Judged[],
  { seed, parallel, seconds, stall, stalled }: Circumstances,
): readonly string[] {
  const rows = protocols.flatMap(({ name }) => {
    const its = runs.filter(({ plan }) => plan.protocol.name === name);
    return its.length > 0 ? [row(name, its)] : [];
  });
  return [
    [
      `- \`node bench/dist/fuzz/main.js --runs ${runs.length} --seed ${seed} --parallel ${parallel}\`, ${seconds.toFixed(0)} s`,
      '- Each run: a new process (the services of `test/src/services` and `bench/src/fuzz/services`), a mixed load, and SIGTERM at a random instant of it.',
      '- Clients with manners are owed an answer: connections and requests are theirs. A connection that the closed listener refused is none. ' +
        'Lost is what was written whole and not answered whole, or answered otherwise than asked; of a WebSocket a message that had been sent to it, or its close frame; of an event stream its end. ' +
        'Refused are requests over HTTP/2 that crossed the GOAWAY: it says that they were not begun, and that they may be asked elsewhere.',
      '- Clients without manners are owed nothing, and must harm nobody. Those who hold a request until `drain.requestsMs` is spent make the verdict `forced` and the exit code 1.',
      '- A run fails when a request is lost, when a client is not told (that an answer is the last; over HTTP/2 by GOAWAY), when anything is on stderr, when the report does not say why ' +
        'the exit code is what it is, when something still holds the event loop, or when the process is there 1 s after its budgets.',
      `- A run that fails while clients and service had to wait for a processor (${stall.onceMs} ms at once, or ${stall.inAllMs} ms in all) ` +
        `is not judged, and replaced by another: ${stalled} of ${runs.length + stalled}. On a machine at rest there are none.`,
      '- Negative in the last column: the budgets were never spent.',
    ].join('\n'),
    table(columns, [...rows, row('all', runs)]),
    `With manners: ${crowd(runs, 'good')}.`,
    `Without: ${crowd(runs, 'bad')}.`,
  ];
}
