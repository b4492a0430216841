import { isDeepStrictEqual } from 'node:util';
import { type Connection, Ledger, within } from '@graceful/conformance/client';
import type { ServiceConfig } from '../harness/protocol.js';
import { type Exit, ServiceProcess } from '../harness/service-process.js';
import { type Outcome, type Wanted, wanted } from '../scenarios/scenario.js';
import type { Http2Client } from './client.js';
import { FrameClient, type FrameManners } from './frame-client.js';
import { judge } from './judge.js';
import { Http2Ledger } from './ledger.js';
import { describe } from './narrative.js';
import type { Http2Service } from './services.js';

/** For clients who must get something done within the lame-duck, whatever else the machine has to do. */
export const roomy: Wanted = { drain: { delayMs: 2_000 } };

/** What must have come of it, beside what is so in every scenario. */
export interface Http2Outcome extends Outcome {
  /**
   * How many requests may cross GOAWAY at most, and be sent again; 0 where it is left out. On a machine that
   * stalls a client for longer than ends are held back some do; `bench:goaway` says how many are usual.
   */
  readonly refusedAtMost?: number;
}

/** Whether a scenario can be played with a service. */
export type Needs = (service: Http2Service) => boolean;

/** One row of the table: what clients do while a service leaves, and what must come of it. */
export interface Http2Scenario {
  /** A sentence about the service. */
  readonly name: string;
  readonly wants?: Wanted;
  /** With which services it can be played; with all where it is left out. */
  readonly needs?: Needs;
  /** Plays the clients, and sends the signal. Ends when the clients have what they came for. */
  run(trial: Http2Trial): Promise<void>;
  readonly outcome?: Http2Outcome;
}

/** A scenario that is being played, as the scenario sees it. */
export class Http2Trial {
  readonly config: ServiceConfig;
  readonly service: ServiceProcess;
  /** Clients that want work done. */
  readonly clients: Http2Ledger = new Http2Ledger();
  /** Clients of plain frames. */
  readonly frameClients: FrameClient[] = [];
  /** Clients that nothing is owed to. */
  readonly hostile: FrameClient[] = [];
  /** Clients that speak HTTP/1.1. */
  readonly http1: Ledger = new Ledger();
  readonly violations: string[] = [];
  /** When the departure was asked for. */
  leftAt: number | undefined;

  constructor(config: ServiceConfig, service: ServiceProcess) {
    this.config = config;
    this.service = service;
  }

  connect(): Promise<Http2Client> {
    return this.clients.connect(this.service.address());
  }

  async connectFrames(manners?: FrameManners): Promise<FrameClient> {
    const client = await FrameClient.open(this.service.address(), manners);
    this.frameClients.push(client);
    return client;
  }

  async connectHostile(): Promise<FrameClient> {
    const client = await FrameClient.open(this.service.address());
    this.hostile.push(client);
    return client;
  }

  connectHttp1(): Promise<Connection> {
    return this.http1.connect(this.service.address());
  }

  /** Ask the service to leave. */
  signal(): void {
    this.leftAt ??= performance.now();
    process.kill(this.service.pid, 'SIGTERM');
  }

  check(holds: boolean, what: string): void {
    if (!holds) this.violations.push(what);
  }

  equal(actual: unknown, expected: unknown, what: string): void {
    if (isDeepStrictEqual(actual, expected)) return;
    this.violations.push(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
  }
}

/** What came of a trial. */
export interface Http2Result {
  /** What was not as it should be, in sentences; none is what everybody hopes for. */
  readonly violations: readonly string[];
  /** From the end of the last work to the exit. */
  readonly lagMs: number | undefined;
  /** Everything that happened, for whoever has to find out why. */
  readonly narrative: string;
}

/** For how long clients wait for what should come soon. */
const patienceMs = 20_000;

/** Start a service, play the scenario against it, and judge what came of it. */
export async function play(adapter: Http2Service, scenario: Http2Scenario): Promise<Http2Result> {
  const config = wanted(scenario.wants);
  const service = await ServiceProcess.start(adapter, config);
  const trial = new Http2Trial(config, service);
  let exit: Exit | undefined;
  try {
    await within(patienceMs, 'the clients', scenario.run(trial));
    exit = await service.exit();
    // Their ends are heard of a moment after the exit.
    await within(patienceMs, 'the ends of the sessions', ends(trial));
  } catch (error) {
    trial.violations.push(String(error));
  } finally {
    await service.destroy();
  }
  const { violations, lagMs } = judge(trial, exit, scenario.outcome ?? {});
  const narrative = describe(trial, exit);
  trial.clients.destroy();
  trial.http1.destroy();
  for (const client of [...trial.frameClients, ...trial.hostile]) client.destroy();
  return { violations: [...trial.violations, ...violations], lagMs, narrative };
}

async function ends({ clients, frameClients }: Http2Trial): Promise<void> {
  await Promise.all([...clients.sessions, ...frameClients].map(({ closed }) => closed));
}
