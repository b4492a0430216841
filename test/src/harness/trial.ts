import { isDeepStrictEqual } from 'node:util';
import { type Connection, freePort, Ledger, type Manners, within } from '@graceful/conformance/client';
import type { Scenario } from '../scenarios/scenario.js';
import { wanted } from '../scenarios/scenario.js';
import type { Adapter } from './adapters.js';
import { judge, type Verdicts } from './judge.js';
import { describe } from './narrative.js';
import type { ServiceConfig } from './protocol.js';
import { type Exit, ServiceProcess } from './service-process.js';

/** For how long clients wait for what should come soon. */
const defaultPatienceMs = 20_000;

/** A scenario that is being played, as the scenario sees it. */
export class Trial {
  readonly config: ServiceConfig;
  readonly service: ServiceProcess;
  /** Clients that want work done. */
  readonly clients: Ledger = new Ledger();
  /** Those who only ask how the service is. */
  readonly observers: Ledger = new Ledger();
  readonly violations: string[] = [];
  /** When the departure was asked for. */
  leftAt: number | undefined;

  constructor(config: ServiceConfig, service: ServiceProcess) {
    this.config = config;
    this.service = service;
  }

  connect(manners?: Manners): Promise<Connection> {
    return this.clients.connect(this.service.address(), manners);
  }

  /** Resolves when the clients have had so many answers: the service is in the middle of its work. */
  warm(answers: number): Promise<void> {
    return within(defaultPatienceMs, `${answers} answers`, this.clients.answers(answers));
  }

  /** Ask the service to leave, or say so once more. */
  signal(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.leftAt ??= performance.now();
    process.kill(this.service.pid, signal);
  }

  /** Make the service throw something that nobody catches. */
  crash(how: 'throw' | 'reject'): void {
    this.leftAt ??= performance.now();
    this.service.tell({ type: 'crash', how });
  }

  /** Note whether something is as it should be, and go on either way. */
  check(holds: boolean, what: string): void {
    if (!holds) this.violations.push(what);
  }

  equal(actual: unknown, expected: unknown, what: string): void {
    if (isDeepStrictEqual(actual, expected)) return;
    this.violations.push(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
  }
}

/** What came of a trial. */
export interface Result extends Verdicts {
  /** What was not as it should be, in sentences; none is what everybody hopes for. */
  readonly violations: readonly string[];
  /** Requests written whole and not answered whole. */
  readonly lost: number;
  readonly exit: Exit | undefined;
  /** Everything that happened, for whoever has to find out why. */
  readonly narrative: string;
}

/** Start a service, play the scenario against it, and judge what came of it. */
export async function play(
  adapter: Adapter,
  scenario: Scenario,
  patienceMs: number = defaultPatienceMs,
): Promise<Result> {
  const wants = wanted(scenario.wants);
  const config = wants.probePort === undefined ? wants : { ...wants, probePort: await freePort() };
  const service = await ServiceProcess.start(adapter, config);
  const trial = new Trial(config, service);
  let exit: Exit | undefined;
  try {
    await within(patienceMs, 'the clients', scenario.run(trial));
    exit = await service.exit();
  } catch (error) {
    trial.violations.push(String(error));
  } finally {
    await service.destroy();
    trial.clients.destroy();
    trial.observers.destroy();
  }
  const verdicts = judge(trial, exit, scenario.outcome ?? {});
  return {
    ...verdicts,
    violations: [...trial.violations, ...verdicts.violations],
    lost: trial.clients.lost.length,
    exit,
    narrative: describe(trial, exit),
  };
}
