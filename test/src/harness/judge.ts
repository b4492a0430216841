import type { ShutdownReport } from '@graceful/core';
import type { Exchange } from '@graceful/conformance/client';
import type { Outcome } from '../scenarios/scenario.js';
import { connectionBounds, servedBounds, servedInLameDuckBounds, toldBounds } from './bounds.js';
import { exitLagMs, lagBoundMs } from './exit-lag.js';
import { readLog } from './report.js';
import type { Exit } from './service-process.js';
import type { Trial } from './trial.js';

/** What came of the rules that hold for every scenario. */
export interface Verdicts {
  readonly violations: readonly string[];
  readonly report: ShutdownReport | undefined;
  /** From the end of the last work to the exit. */
  readonly lagMs: number | undefined;
}

/**
 * How much longer a state may last than it should: with other work on the
 * machine a process stands still for hundreds of milliseconds. What it should
 * not wait for would take longer than that.
 */
const standstillMs = 1_000;

/** Hold a trial against what is true of every departure, and against what this one must come to. */
export function judge(trial: Trial, exit: Exit | undefined, outcome: Outcome): Verdicts {
  const rules = new Rules();
  judgeClients(rules, trial, outcome);
  if (!exit) return { violations: rules.broken, report: undefined, lagMs: undefined };

  const { exitCode = 0 } = outcome;
  rules.equal('exit', { code: exit.code, signal: exit.signal }, { code: exitCode, signal: null });
  const { reports, states } = readLog(trial.service.stdout);
  const report = reports[0];
  rules.equal('reports in the log', reports.length, 1);
  if (report) {
    judgeReport(rules, trial, report, outcome);
    rules.equal('the report that listeners got', trial.service.report, report);
    judgeFigures(rules, trial, report, outcome);
    rules.equal(
      'states in the log',
      states.slice(-4),
      report.states.map(({ state }) => state),
    );
  }
  const warnings = trial.service.stderr.split('\n').filter((line) => /warning/i.test(line));
  rules.equal('warnings', warnings, []);
  const lagMs = exitLagMs(trial, exit, outcome);
  rules.holds(lagMs <= lagBoundMs, `the exit came ${lagMs.toFixed(0)} ms after the last work`);
  return { violations: rules.broken, report, lagMs };
}

/** What the clients saw, whatever the service says about it. */
function judgeClients(rules: Rules, { clients, service, config }: Trial, outcome: Outcome): void {
  for (const exchange of clients.lost) rules.holds(false, `LOST ${exchange.describe()}`);
  for (const exchange of clients.exchanges.filter(({ request }) => request.doomed)) {
    rules.equal(`fate of ${exchange.describe()}`, exchange.fate, 'lost');
  }
  const broken = clients.broken.map(({ end }) => `${end?.how}: ${end?.detail}`);
  const forced = outcome.connections?.forced ?? 0;
  rules.holds(broken.length <= forced, `connections that did not end in order: ${broken.join(', ')}`);

  // Where telling is spread, an answer in the lame-duck may come before the turn of its client.
  const toldFrom = config.drain.tellMs ? 'draining' : 'lame-duck';
  const toldFromAt = service.notices.find(
    (notice) => notice.type === 'state' && notice.state === toldFrom,
  )?.at;
  if (toldFromAt === undefined) return;
  for (const { exchanges } of clients.connections) {
    exchanges.forEach((exchange, index) => {
      if ((exchange.writtenAt ?? 0) > toldFromAt) judgeTold(rules, exchange, exchanges[index + 1]);
    });
  }
}

/** Rule 1 of the design: the last answer says `Connection: close`, and no other does. */
function judgeTold(rules: Rules, exchange: Exchange, next: Exchange | undefined): void {
  if (exchange.fate !== 'answered' || exchange.answeredAt === undefined) return;
  const told = exchange.response?.saysClose ?? false;
  if (next?.writtenAt !== undefined && next.writtenAt < exchange.answeredAt) {
    rules.holds(!told, `${exchange.describe()}: said Connection: close though another request was waiting`);
  } else if (next?.beganAt === undefined || next.beganAt > exchange.answeredAt) {
    rules.holds(told, `${exchange.describe()}: its answer did not say Connection: close`);
  }
}

/** The report by itself, and against what the scenario expects. */
export function judgeReport(
  rules: Rules,
  { service }: Pick<Trial, 'service'>,
  report: ShutdownReport,
  outcome: Outcome,
): void {
  const { verdict = 'clean', exitCode = 0, reason = 'SIGTERM', hooks = {}, errors = [] } = outcome;
  rules.equal('verdict', report.verdict, verdict);
  rules.equal('exit code in the report', report.exitCode, exitCode);
  rules.equal('reason', report.reason, reason);
  const names = report.states.map(({ state }) => state);
  rules.equal('states in the report', names, ['lame-duck', 'draining', 'closing', 'stopped']);
  rules.holds(
    ascending(report.states.map(({ afterMs }) => afterMs)),
    'the states are not in the order of time',
  );
  rules.holds(
    report.states.every(({ at }) => new Date(at).toISOString() === at),
    'the instants are not ISO 8601',
  );
  rules.holds(report.durationMs >= (report.states.at(-1)?.afterMs ?? 0), 'it lasted less than its states');
  const ownHooks = Object.fromEntries((service.adapter.ownHooks ?? []).map((name) => [name, 'ok']));
  rules.equal(
    'hooks in the report',
    sorted(report.hooks.map(({ name, result }) => `${name} ${result}`)),
    sorted(Object.entries({ ...ownHooks, ...hooks }).map(([name, result]) => `${name} ${result}`)),
  );
  rules.equal('number of errors', report.errors.length, errors.length);
  errors.forEach((part, index) => {
    const { message = '', code = '' } = report.errors[index] ?? {};
    rules.holds(`${code} ${message}`.includes(part), `error ${index} says "${message}", not "${part}"`);
  });
  rules.equal('further signals', report.furtherSignals, outcome.furtherSignals ?? []);
  if (outcome.heldBy) {
    rules.holds(outcome.heldBy.test(report.heldBy.join()), `held by ${JSON.stringify(report.heldBy)}`);
  } else {
    rules.equal('left open', report.heldBy, []);
  }
}

/** The figures of the report against the books of the clients. */
function judgeFigures(rules: Rules, trial: Trial, report: ShutdownReport, outcome: Outcome): void {
  const { requests, connections } = report;
  for (const [name, expected] of Object.entries({ dropped: 0, ...outcome.requests })) {
    rules.equal(`requests.${name}`, requests[name as keyof typeof requests], expected);
  }
  for (const [name, expected] of Object.entries({ forced: 0, ...outcome.connections })) {
    rules.equal(`connections.${name}`, connections[name as keyof typeof connections], expected);
  }
  rules.within('requests.served', requests.served, servedBounds(trial));
  rules.within('requests.servedInLameDuck', requests.servedInLameDuck, servedInLameDuckBounds(trial));
  const ended = connections.told + connections.idle + connections.client + connections.forced;
  rules.within('connections that ended', ended, connectionBounds(trial));
  rules.within('connections.told', connections.told, toldBounds(trial));
  if (outcome.drainMs) {
    const at = (name: string) => report.states.find(({ state }) => state === name)?.afterMs ?? NaN;
    const [least, most] = outcome.drainMs;
    rules.within('draining, in ms', at('closing') - at('draining'), [least, most + standstillMs]);
  }
}

/** Collects what does not hold, and goes on. */
export class Rules {
  readonly broken: string[] = [];

  holds(holds: boolean, otherwise: string): void {
    if (!holds) this.broken.push(otherwise);
  }

  equal(what: string, actual: unknown, expected: unknown): void {
    const [got, want] = [JSON.stringify(actual), JSON.stringify(expected)];
    this.holds(got === want, `${what}: expected ${want}, got ${got}`);
  }

  within(what: string, actual: number, [least, most]: readonly [number, number]): void {
    const fits = actual >= least && actual <= most;
    this.holds(fits, `${what}: expected ${least === most ? least : `${least} to ${most}`}, got ${actual}`);
  }
}

function sorted(names: readonly string[]): string[] {
  return [...names].toSorted();
}

function ascending(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => number >= (numbers[index - 1] ?? -Infinity));
}
