import { median, quantile } from '../report/statistics.js';
import { table } from '../report/table.js';
import type { Outcome } from './outcome.js';
import type { Form, Victim } from './plan.js';

/** What the runs were started with, and how long they took. */
export interface Circumstances {
  readonly seed: number;
  readonly parallel: number;
  readonly seconds: number;
}

const kinds: readonly { readonly form: Form; readonly victim: Victim; readonly name: string }[] = [
  { form: 'in-process', victim: 'old', name: '`handover()`: the old process' },
  { form: 'in-process', victim: 'new', name: '`handover()`: the new process' },
  { form: 'supervisor', victim: 'old', name: 'supervisor: an old worker' },
  { form: 'supervisor', victim: 'new', name: 'supervisor: a new worker' },
  { form: 'supervisor', victim: 'supervisor', name: 'supervisor: itself' },
];

const stages = ['precheck', 'start', 'handover', 'healthcheck', 'success', 'failed'];

function row(name: string, outcomes: readonly Outcome[]): readonly string[] {
  const killed = outcomes.filter((outcome) => outcome.killed);
  const count = (holds: (outcome: Outcome) => boolean): string => String(killed.filter(holds).length);
  const times = killed.map(({ settledMs }) => settledMs);
  return [
    name,
    String(outcomes.length),
    String(killed.length),
    stages.map((stage) => count((outcome) => outcome.stage === stage)).join(' / '),
    count(({ serves }) => serves === 'old'),
    count(({ serves }) => serves === 'new'),
    count(({ serves }) => serves === 'nobody'),
    times.length === 0 ? '–' : `${median(times).toFixed(0)} / ${quantile(times, 1).toFixed(0)} ms`,
    String(outcomes.filter(({ violations }) => violations.length > 0).length),
  ];
}

const columns = [
  'killed',
  'runs',
  'somebody was there',
  `in ${stages.join(' / ')}`,
  'the old ones serve on',
  'the new ones serve',
  'nobody serves',
  'settled after, median / longest',
  'failed runs',
];

export function faultSections(
  outcomes: readonly Outcome[],
  { seed, parallel, seconds }: Circumstances,
): readonly string[] {
  const rows = kinds.flatMap(({ form, victim, name }) => {
    const its = outcomes.filter(({ plan }) => plan.form === form && plan.victim === victim);
    return its.length > 0 ? [row(name, its)] : [];
  });
  const unheard = outcomes.filter(
    ({ plan, neverListened, killed }) => plan.victim === 'new' && neverListened && killed,
  );
  const lost = unheard.reduce((sum, outcome) => sum + outcome.lost, 0);
  return [
    [
      `- \`node bench/dist/faults/main.js --runs ${outcomes.length} --seed ${seed} --parallel ${parallel}\`, ${seconds.toFixed(0)} s`,
      '- Each run: a service over TCP and a Unix socket, clients that go on asking, an upgrade, and SIGKILL to one process at a random instant of it.',
      '- A run fails unless, in the end: one generation is left and answers on both sockets; the pid file names it; it can be upgraded once more; ' +
        'and after SIGTERM no process, no pid file, no socket path and no temporary file is left. A supervisor exits with 0, its workers are all it says they are, and nobody says anything on standard error.',
      '- Nobody serves: with `handover()`, where the one that everything depended on was killed (the old one while it was alone, or the new one after it had taken over); ' +
        'and where the supervisor was killed: its workers then finish what they have and leave. Whoever restarts the service starts it again, on what was left behind; that is done in each of these runs, and has to work.',
      `- Where the new process was killed before it was told to listen (${unheard.length} runs), clients lost ${lost} requests, and a run in which they lose one fails.`,
    ].join('\n'),
    table(columns, rows),
  ];
}
