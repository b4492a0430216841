import { median, quantile } from '../report/statistics.js';
import { table } from '../report/table.js';
import type { Outcome } from './outcome.js';
import type { Topology, Victim } from './plan.js';

/** What the runs were started with, and how long they took. */
export interface Circumstances {
  readonly seed: number;
  readonly parallel: number;
  readonly seconds: number;
}

const kinds: readonly { readonly topology: Topology; readonly victim: Victim; readonly name: string }[] = [
  { topology: 'plain', victim: 'app', name: 'the service alone: itself' },
  { topology: 'plain', victim: 'nobody', name: 'the service alone: nobody' },
  { topology: 'supervisor', victim: 'app', name: 'supervisor: itself' },
  { topology: 'supervisor', victim: 'worker', name: 'supervisor: its worker' },
  { topology: 'supervisor', victim: 'nobody', name: 'supervisor: nobody' },
  { topology: 'companion', victim: 'app', name: 'companion: the service' },
  { topology: 'companion', victim: 'companion', name: 'companion: itself' },
  { topology: 'companion', victim: 'nobody', name: 'companion: nobody' },
];

const columns = [
  'killed',
  'runs',
  'somebody was there',
  'while serving / leaving',
  'requests lost, by the clients',
  'by reports or receipts',
  'verdicts',
  'from the word to the last exit, median / longest',
  'beyond the deadline',
  'failed runs',
];

function row(name: string, outcomes: readonly Outcome[]): readonly string[] {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((all, outcome) => all + of(outcome), 0);
  const count = (holds: (outcome: Outcome) => boolean) => String(outcomes.filter(holds).length);
  const times = outcomes.map(({ durationMs }) => durationMs);
  return [
    name,
    String(outcomes.length),
    count(({ killed }) => killed),
    `${count(({ plan }) => plan.phase === 'serving')} / ${count(({ plan }) => plan.phase === 'leaving')}`,
    String(sum(({ lost }) => lost)),
    String(sum(({ told }) => told)),
    tally(outcomes.flatMap(({ verdicts }) => verdicts)),
    `${median(times).toFixed(0)} / ${quantile(times, 1).toFixed(0)} ms`,
    count(({ durationMs, deadlineMs }) => durationMs > deadlineMs),
    count(({ violations }) => violations.length > 0),
  ];
}

function tally(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, times]) => `${times} ${word}`).join(', ') || '–';
}

export function podSections(
  outcomes: readonly Outcome[],
  { seed, parallel, seconds }: Circumstances,
): readonly string[] {
  const rows = kinds.flatMap(({ topology, victim, name }) => {
    const its = outcomes.filter(({ plan }) => plan.topology === topology && plan.victim === victim);
    return its.length > 0 ? [row(name, its)] : [];
  });
  return [
    [
      `- \`node bench/dist/pods/main.js --runs ${outcomes.length} --seed ${seed} --parallel ${parallel}\`, ${seconds.toFixed(0)} s`,
      '- Each run: a pod on an emulated node, clients that go on asking, SIGKILL to one container (or process) at a random instant, and a deletion (four of five) or a hard eviction.',
      '- A run fails when the pod takes longer than its grace, 2 s, and 1 s for each part that the kubelet rounds; when what the reports of an undisturbed service say is not what its clients lost; ' +
        'when requests were lost and all receipts say clean; when the chain of receipts does not hold; when a service was killed and has no receipt; ' +
        'and when a service that nobody harmed has no clean one, or its companion was killed while it served and the next one gave none.',
      '- Requests lost are those of the clients’ books. A service that is killed loses what it has in hand: nobody can mend that. What counts is that nobody says otherwise.',
    ].join('\n'),
    table(columns, rows),
  ];
}
