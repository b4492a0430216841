import type { ShutdownReport } from '@graceful/core';
import { type Bounds, mostServedSince } from '../harness/bounds.js';
import { exitLagMs, lagBoundMs } from '../harness/exit-lag.js';
import { judgeReport, Rules } from '../harness/judge.js';
import { readLog } from '../harness/report.js';
import type { Exit } from '../harness/service-process.js';
import type { Http2Outcome, Http2Trial } from './trial.js';

/** Hold a trial against what is true of every departure over HTTP/2, and against what this one must come to. */
export function judge(
  trial: Http2Trial,
  exit: Exit | undefined,
  outcome: Http2Outcome,
): { readonly violations: readonly string[]; readonly lagMs: number | undefined } {
  const rules = new Rules();
  judgeClients(rules, trial, outcome);
  if (!exit) return { violations: rules.broken, lagMs: undefined };

  const { exitCode = 0 } = outcome;
  rules.equal('exit', { code: exit.code, signal: exit.signal }, { code: exitCode, signal: null });
  const { reports } = readLog(trial.service.stdout);
  const [report] = reports;
  rules.equal('reports in the log', reports.length, 1);
  if (report) {
    judgeReport(rules, trial, report, outcome);
    judgeFigures(rules, trial, report, outcome);
  }
  const warnings = trial.service.stderr.split('\n').filter((line) => /warning|error/i.test(line));
  rules.equal('warnings', warnings, []);
  const lagMs = exitLagMs(trial, exit, outcome);
  rules.holds(lagMs <= lagBoundMs, `the exit came ${lagMs.toFixed(0)} ms after the last work`);
  return { violations: rules.broken, lagMs };
}

/** What the clients saw, whatever the service says about it. */
function judgeClients(
  rules: Rules,
  { clients, frameClients, http1 }: Http2Trial,
  outcome: Http2Outcome,
): void {
  for (const exchange of [...clients.lost, ...http1.lost]) rules.holds(false, `LOST ${exchange.describe()}`);
  for (const exchange of clients.exchanges.filter(({ request }) => request.doomed)) {
    rules.equal(`fate of ${exchange.describe()}`, exchange.fate, 'lost');
  }
  rules.within('refused', clients.refused.length, [0, outcome.refusedAtMost ?? 0]);
  const forced = outcome.connections?.forced ?? 0;
  const left = [...clients.sessions, ...frameClients].filter(({ end }) => end?.how !== 'client');
  const untold = left.filter(({ told }) => !told);
  rules.holds(untold.length <= forced, `${untold.length} sessions got no GOAWAY, or one with an error`);
  const broken = left.filter(({ end }) => end?.how === 'reset');
  rules.holds(broken.length <= forced, `${broken.length} sessions did not end in order`);
}

/** The figures of the report against the books of the clients. */
function judgeFigures(
  rules: Rules,
  trial: Http2Trial,
  { requests, connections }: ShutdownReport,
  outcome: Http2Outcome,
): void {
  for (const [name, expected] of Object.entries({ dropped: 0, ...outcome.requests })) {
    rules.equal(`requests.${name}`, requests[name as keyof typeof requests], expected);
  }
  for (const [name, expected] of Object.entries({ forced: 0, ...outcome.connections })) {
    rules.equal(`connections.${name}`, connections[name as keyof typeof connections], expected);
  }
  if (outcome.connections?.told === undefined) {
    const told = toldOf(trial);
    rules.within('connections.told', connections.told, [told, told + trial.hostile.length]);
  }
  // What plain frames asked is not in the books.
  const frames = trial.frameClients.length + trial.hostile.length;
  if (frames === 0) rules.within('requests.served', requests.served, servedBounds(trial));
}

function toldOf({ clients, frameClients, http1 }: Http2Trial): number {
  return [...clients.sessions, ...frameClients, ...http1.connections].filter(({ told }) => told).length;
}

/** Requests answered whole since the shutdown began; when that was clients know within bounds. */
function servedBounds({ clients, http1, service, leftAt = 0 }: Http2Trial): Bounds {
  const lameDuckAt =
    service.notices.find((notice) => notice.type === 'state' && notice.state === 'lame-duck')?.at ?? Infinity;
  const answered = [...clients.exchanges, ...http1.exchanges].filter(
    ({ fate, request }) => fate === 'answered' && !request.probe,
  );
  return [
    answered.filter(({ writtenAt = 0 }) => writtenAt > lameDuckAt).length,
    mostServedSince(leftAt, [...clients.sessions, ...http1.connections]),
  ];
}
