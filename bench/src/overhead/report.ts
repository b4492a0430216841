import { table, yesNo } from '../report/table.js';
import type { Figure } from './figures.js';
import type { Plan } from './measure.js';

const columns = [
  'library',
  'over bare',
  'tracks connections',
  'tracks requests',
  'CPU ratio, median of rounds',
  'quartiles of rounds',
  'mean of launches ± 95 %',
  'µs per request',
];

function row({
  contestant,
  ratio,
  quartiles,
  launchMean,
  launchError,
  cpuMicros,
}: Figure): readonly string[] {
  return [
    contestant.role === 'ours' ? `**${contestant.name}**` : contestant.name,
    contestant.role === 'bare' ? '(bare)' : contestant.kind,
    yesNo(contestant.tracks.connections),
    yesNo(contestant.tracks.requests),
    ratio.toFixed(3),
    quartiles.map((quartile) => quartile.toFixed(3)).join(' – '),
    `${launchMean.toFixed(3)} ± ${launchError.toFixed(3)}`,
    cpuMicros.toFixed(2),
  ];
}

function noise(figures: readonly Figure[]): string {
  const control = figures.find(({ contestant }) => contestant.role === 'control');
  if (control === undefined) return 'No A/A control in this run.';
  return (
    `Noise: the same bare server, a second time, shows ${control.ratio.toFixed(3)} ` +
    `(${control.launchMean.toFixed(3)} ± ${control.launchError.toFixed(3)} over launches). ` +
    'A difference of that size between two libraries is none.'
  );
}

export function overheadSections(figures: readonly Figure[], plan: Plan): readonly string[] {
  const work =
    `${plan.launches} launches × ${plan.rounds} rounds; in each round every server, in random order, ` +
    `answers ${plan.requests} requests on ${plan.connections} kept-alive connections; ` +
    'user and system CPU time of the server process, over that of the bare server of its kind in the same round.';
  return [work, table(columns, figures.map(row)), noise(figures)];
}
