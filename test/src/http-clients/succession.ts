import type { ShutdownReport } from '@graceful/core';
import { Balancer, Ledger, late, Relay, within } from '@graceful/conformance/client';
import { type Adapter, adapters } from '../harness/adapters.js';
import { type Exit, ServiceProcess } from '../harness/service-process.js';
import { Stay, untilQuiet } from '../harness/stay.js';
import { Turns } from '../harness/turns.js';
import { wanted } from '../scenarios/scenario.js';
import { Books } from './books.js';
import type { HttpClientKind } from './http-client.js';

const loops = 8;
/** Each way. */
const distanceMs = 10;
const successors = 2;
/** By then each client has asked everything, and something twice. */
const someTurns = 6;
/** By then what was under way has come to its end. */
const fewTurns = 2;
/** Far more than anything takes, on a machine that is twenty times too small. */
const patienceMs = 100_000;

/** Patient with idle connections for as long as the service promises, as it is by default. */
const config = wanted({ drain: { ...untilQuiet, idleMs: 5_000 }, keepAliveMs: 5_000 });

/** A service that has left while it was used. */
interface Left {
  readonly exit: Exit;
  readonly report: ShutdownReport | undefined;
}

/** What came of it. */
export interface Succession {
  readonly books: Books;
  /** Connections before anybody left. */
  readonly connectionsAtFirst: number;
  readonly left: readonly Left[];
}

/** How many a client keeps at most in {@link succeed}. */
export const connectionsKept: number = loops;

/**
 * A service behind one address leaves while a client uses it, and another
 * one takes over, more than once. The address stands for what balances
 * connections and not requests, as a Kubernetes Service does: who is
 * connected stays so until the service itself lets go.
 *
 * @param graceful - whether the service says that it leaves, and ends while the client goes on; one that
 * does not is out of rotation at once
 */
export async function succeed(
  kind: HttpClientKind,
  adapter: Adapter = adapters.coreHttp,
  graceful: boolean = true,
): Promise<Succession> {
  const services = [await ServiceProcess.start(adapter, config)];
  const current = (): ServiceProcess => services.at(-1) ?? fail();
  let serving = current();
  let connections = 0;
  const target = () => {
    connections += 1;
    return serving.address();
  };
  const network = await Relay.to(target, late(distanceMs), late(distanceMs));
  // One was asked for to know how the service speaks.
  connections = 0;
  const client = kind.create(`http://127.0.0.1:${network.address.port}`, loops);
  const books = new Books();
  const turns = new Turns(loops);
  const load = Promise.all(
    Array.from({ length: loops }, (_none, index) => books.fill(client, 3 * index, () => turns.enough(index))),
  );
  const traffic = () => within(patienceMs, 'the client to be answered', turns.more(someTurns));
  try {
    await traffic();
    const connectionsAtFirst = connections;
    const left: Left[] = [];
    for (let generation = 1; generation <= successors; generation++) {
      const leaving = serving;
      services.push(await ServiceProcess.start(adapter, config));
      const stay = await Stay.at(leaving);
      process.kill(leaving.pid, 'SIGTERM');
      await leaving.state('lame-duck');
      if (graceful) {
        await traffic();
        await outOfRotation(leaving);
      }
      serving = current();
      await within(patienceMs, 'what was under way', turns.more(fewTurns));
      await stay.release();
      if (graceful) left.push({ exit: await leaving.exit(), report: leaving.report });
      await traffic();
    }
    turns.end();
    await within(patienceMs, 'the client', load);
    return { books, connectionsAtFirst, left };
  } finally {
    turns.end();
    await client.close();
    network[Symbol.dispose]();
    await Promise.all(services.map((service) => service.destroy()));
  }
}

async function outOfRotation(service: ServiceProcess): Promise<void> {
  const observers = new Ledger();
  try {
    const balancer = new Balancer(() => observers.connect(service.address()));
    await within(patienceMs, 'the balancer', balancer.watch());
  } finally {
    observers.destroy();
  }
}

function fail(): never {
  throw new Error('Expected a service.');
}
