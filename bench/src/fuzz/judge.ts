import { describePlan, type Plan } from './plan.js';
import type { Tally, Witness } from './protocol.js';
import { describe, type Exit, readLog, type Trial } from './suite.js';
import { tallyAll } from './tally.js';

type Report = ReturnType<typeof readLog>['reports'][number];

/** What came of a run. */
export interface Judged {
  readonly plan: Plan;
  readonly tally: Tally;
  readonly report: Report | undefined;
  /** From the signal to the exit, in milliseconds. */
  readonly tookMs: number;
  /** What was not as it should be, lost requests included; none is what everybody hopes for. */
  readonly violations: readonly string[];
  readonly narrative: string;
}

export function judge(
  plan: Plan,
  trial: Trial,
  witnesses: readonly Witness[],
  exit: Exit | undefined,
): Judged {
  const tally = tallyAll(trial, witnesses);
  const { reports } = readLog(trial.service.stdout);
  const [report] = reports;
  const violations = [
    ...trial.violations,
    ...tally.lost.map((lost) => `LOST ${lost}`),
    ...tally.violations,
    ...judgeProcess(trial, exit),
    ...(reports.length === 1 ? [] : [`${reports.length} reports in the log`]),
    ...(report ? judgeReport(plan, report, tally, exit) : []),
  ];
  const tookMs = (exit?.at ?? Infinity) - (trial.leftAt ?? 0);
  const narrative = () => [describePlan(plan), ...heard(trial, witnesses), describe(trial, exit)].join('\n');
  return {
    plan,
    tally,
    report,
    tookMs,
    violations,
    narrative: violations.length > 0 ? narrative() : '',
  };
}

/** What clients with books of their own tell, in the order of time. */
function heard({ leftAt = 0 }: Trial, witnesses: readonly Witness[]): string[] {
  const events = witnesses.flatMap((witness, index) =>
    witness.events.map(([at, what]) => ({ at, line: `witness ${index + 1} ${what}` })),
  );
  return events
    .toSorted((one, other) => one.at - other.at)
    .map(({ at, line }) => `${(at - leftAt).toFixed(1).padStart(9)} ms  ${line}`);
}

function judgeProcess({ service }: Trial, exit: Exit | undefined): string[] {
  const ended = exit?.code === 0 || exit?.code === 1;
  return [
    ...(ended ? [] : [`exit ${exit?.code ?? exit?.signal ?? 'never'}`]),
    ...(service.stderr === '' ? [] : [`stderr: ${service.stderr.trim()}`]),
  ];
}

/** The report by itself: its verdict says why the exit code is what it is. */
function judgeReport(plan: Plan, report: Report, tally: Tally, exit: Exit | undefined): string[] {
  const { verdict, exitCode, requests, errors, heldBy } = report;
  const rude = plan.visitors.some(({ kind }) => kind.manners === 'bad');
  const dropped = requests.dropped > 0 || report.drainables.some((drainable) => drainable.dropped > 0);
  const expected = dropped ? 'forced' : 'clean';
  return [
    ...(exitCode === exit?.code ? [] : [`exit ${exit?.code}, and the report says ${exitCode}`]),
    ...(verdict === expected
      ? []
      : [`verdict ${verdict}, ${requests.dropped} requests dropped, ${JSON.stringify(report.drainables)}`]),
    ...((verdict === 'clean') === (exitCode === 0) ? [] : [`verdict ${verdict} with exit code ${exitCode}`]),
    ...(errors.length === 0 ? [] : [`errors: ${JSON.stringify(errors)}`]),
    ...(heldBy.length === 0 ? [] : [`held by ${JSON.stringify(heldBy)}`]),
    ...(rude || verdict === 'clean' ? [] : [`verdict ${verdict} though all clients had manners`]),
    // Nothing but the clients with manners can be counted on, and some of theirs came before the signal. What
    // was on its way when a client left counts as served, too.
    ...(rude || requests.served <= tally.answered + tally.withdrawn
      ? []
      : [`${requests.served} served, ${tally.answered} answered and ${tally.withdrawn} withdrawn`]),
  ];
}
