import type { Outcome } from '../scenarios/scenario.js';
import type { Exit } from './service-process.js';
import type { Trial } from './trial.js';

/** What is looked at of a trial, whatever its clients speak. */
export interface Left extends Pick<Trial, 'service'> {
  readonly clients: { readonly exchanges: readonly { readonly answeredAt?: number | undefined }[] };
}

/**
 * Far more than the 100 ms that are promised: a test run shares its machine,
 * and one that is given little of it took 1.4 s from its report to its end.
 * What would hold a process for longer are its budgets. `lag.ts` measures the promise.
 */
export const lagBoundMs = 5_000;

/**
 * How long the process stayed after there was nothing left to do: after the
 * last answer had come, the last hook had ended, and the lame-duck was over.
 */
export function exitLagMs({ clients, service }: Left, exit: Exit, { drainMs }: Outcome): number {
  // Where the drain waits for something that no client sees, its own end tells.
  const waited = drainMs === undefined ? 'draining' : 'closing';
  const ends = service.notices.all.flatMap(({ notice, at }) => {
    const counts =
      (notice.type === 'state' && notice.state === waited) || (notice.type === 'hook' && notice.at === 'end');
    return counts ? [at] : [];
  });
  const answers = clients.exchanges.flatMap(({ answeredAt }) => answeredAt ?? []);
  return exit.at - Math.max(...ends, ...answers);
}
