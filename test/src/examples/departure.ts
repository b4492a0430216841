import {
  type Address,
  askAndComeBack,
  askOnFreshConnections,
  Balancer,
  type Exchange,
  Ledger,
  type Pace,
  within,
} from '@graceful/conformance/client';
import type { Exit } from '../harness/service-process.js';
import type { ExampleProcess } from './example-process.js';

/** A service as far as it is asked here. */
export type Leaver = Pick<ExampleProcess, 'address' | 'terminate' | 'state' | 'exit'>;

/** How an example is taken away. */
export interface Plan {
  readonly clients: Ledger;
  /** A request in flight; it is not answered before the listener has closed. */
  readonly held: Exchange;
  /** Lets go of it, where it does not end by itself. */
  readonly release?: () => Promise<void>;
  /** What everybody else asks in the meantime. */
  readonly pace: Pace;
  /** Run while the service is under load, before it is told to go. */
  readonly underLoad?: () => Promise<void>;
  /** Run in the lame-duck. */
  readonly inLameDuck?: () => Promise<void>;
}

const keptAlive = 8;
const fresh = 6;
/** The service is in the middle of its work. */
const warmAnswers = 200;
/** Balancers differ: so many requests come after the first of them has taken the service out. */
const lateRequests = 100;
const patienceMs = 20_000;

/** Use the service, take it away while it is used (by SIGTERM, of an example), and see it off. */
export async function takeAway(service: Leaver, plan: Plan): Promise<Exit> {
  const { clients, pace } = plan;
  const connect = () => clients.connect(service.address);
  const observers = new Ledger();
  const balancer = new Balancer(() => observers.connect(service.address));
  let late = 0;
  const enough = () => balancer.out && (late += 1) > lateRequests;
  const load = [
    ...Array.from({ length: keptAlive }, () => askAndComeBack(connect, pace, enough)),
    ...Array.from({ length: fresh }, () => askOnFreshConnections(connect, pace, enough)),
    balancer.watch(),
  ];
  try {
    await within(patienceMs, `${warmAnswers} answers`, clients.answers(warmAnswers));
    await plan.underLoad?.();
    service.terminate();
    await service.state('lame-duck');
    await plan.inLameDuck?.();
    await within(patienceMs, 'the clients', Promise.all(load));
    await service.state('draining');
    await plan.release?.();
    await plan.held.settled();
    return await service.exit();
  } finally {
    observers.destroy();
  }
}

const rounds = 10_000;

/** Resolves when the service says that it has one request, and not before. */
export async function untilInFlight(address: Address): Promise<void> {
  const observers = new Ledger();
  const connection = await observers.connect(address);
  for (let round = 0; round < rounds; round += 1) {
    const { body } = await connection.ask({ path: '/healthz' });
    const { inFlight } = JSON.parse(body) as { inFlight: number };
    if (inFlight === 1) return connection.close();
  }
  throw new Error('the service never said that it has a request');
}
