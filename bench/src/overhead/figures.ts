import type { Contestant } from '../contestant.js';
import type { Entry } from '../registry.js';
import { mean, meanError, median, quantile } from '../report/statistics.js';
import type { Round } from './measure.js';

/** What the rounds say about one contestant. */
export interface Figure {
  readonly contestant: Contestant;
  /** Median over all rounds of its CPU over the bare server's in the same round. */
  readonly ratio: number;
  readonly quartiles: readonly [number, number];
  /** The mean over launches of each launch's median, ± its 95 % error: the error that a new process brings is in it. */
  readonly launchMean: number;
  readonly launchError: number;
  readonly cpuMicros: number;
}

function bareOf(entries: readonly Entry[], contestant: Contestant): string {
  const bare = entries.find(
    (entry) => entry.contestant.role === 'bare' && entry.contestant.kind === contestant.kind,
  );
  if (bare === undefined) throw new Error(`Expected a bare server of the kind ${contestant.kind}`);
  return bare.id;
}

function ratioIn(round: Round, id: string, bare: string): number {
  return (round.cpuMicros.get(id) ?? Number.NaN) / (round.cpuMicros.get(bare) ?? Number.NaN);
}

export function figuresOf(entries: readonly Entry[], rounds: readonly Round[]): readonly Figure[] {
  const numbers = [...new Set(rounds.map((round) => round.launch))];
  return entries.map(({ id, contestant }) => {
    const bare = bareOf(entries, contestant);
    const ratiosIn = (some: readonly Round[]) => some.map((round) => ratioIn(round, id, bare));
    const ratios = ratiosIn(rounds);
    const launchMedians = numbers.map((launch) =>
      median(ratiosIn(rounds.filter((round) => round.launch === launch))),
    );
    return {
      contestant,
      ratio: median(ratios),
      quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
      launchMean: mean(launchMedians),
      launchError: meanError(launchMedians),
      cpuMicros: median(rounds.map((round) => round.cpuMicros.get(id) ?? Number.NaN)),
    };
  });
}
