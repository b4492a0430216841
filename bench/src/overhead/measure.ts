import type { Grace, Kind } from '../contestant.js';
import type { Entry } from '../registry.js';
import { nextMessage, type ServiceProcess, startService } from '../service/process.js';
import { openLoad } from './open-load.js';
import { shuffle } from './shuffle.js';

export interface Plan {
  /** How often every process is started anew: where code and data land in memory differs by a percent from start to start. */
  readonly launches: number;
  /** Rounds per launch; in each, every contestant runs once, in random order. */
  readonly rounds: number;
  readonly requests: number;
  readonly connections: number;
  /** Requests per process before the first round, so that the compiler is done. */
  readonly warmUpRequests: number;
}

/** Microseconds of CPU (user and system) per request, by contestant, in one round. */
export interface Round {
  readonly launch: number;
  readonly cpuMicros: ReadonlyMap<string, number>;
}

const entry = new URL('server.js', import.meta.url);
// Nobody is stopped here; the libraries only want to know what they would do.
const grace: Grace = { preDrainMs: 1_000, drainMs: 10_000 };

async function cpuMicros({ child }: ServiceProcess): Promise<number> {
  const answer = nextMessage<NodeJS.CpuUsage>(child);
  child.send('cpu');
  const { user, system } = await answer;
  return user + system;
}

async function measureOne(service: ServiceProcess, kind: Kind, plan: Plan): Promise<number> {
  const load = await openLoad(kind, service.port, plan.connections);
  // The others ran since this process last did: its caches are cold, and that is not the library's cost.
  await load.send(plan.requests / 5);
  const before = await cpuMicros(service);
  await load.send(plan.requests);
  const used = (await cpuMicros(service)) - before;
  await load.close();
  return used / plan.requests;
}

async function warmUp(service: ServiceProcess, kind: Kind, plan: Plan): Promise<void> {
  const load = await openLoad(kind, service.port, plan.connections);
  await load.send(plan.warmUpRequests);
  await load.close();
}

async function launch(entries: readonly Entry[], plan: Plan, number: number): Promise<readonly Round[]> {
  const services = new Map<string, { readonly service: ServiceProcess; readonly kind: Kind }>();
  for (const { id, contestant } of shuffle(entries)) {
    const { kind } = contestant;
    const service = await startService(entry, id, grace);
    services.set(id, { service, kind });
    await warmUp(service, kind, plan);
  }
  const rounds: Round[] = [];
  for (let round = 0; round < plan.rounds; round += 1) {
    const figures = new Map<string, number>();
    for (const [id, { service, kind }] of shuffle([...services])) {
      figures.set(id, await measureOne(service, kind, plan));
    }
    rounds.push({ launch: number, cpuMicros: figures });
  }
  for (const { service } of services.values()) service.child.disconnect();
  return rounds;
}

/** Every contestant, interleaved, so that whatever else the machine does hits all alike. */
export async function measure(
  entries: readonly Entry[],
  plan: Plan,
  onLaunch: (done: number) => void,
): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  for (let number = 0; number < plan.launches; number += 1) {
    rounds.push(...(await launch(entries, plan, number)));
    onLaunch(number + 1);
  }
  return rounds;
}
