import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type Address,
  askAndComeBack,
  askOnFreshConnections,
  ConnectError,
  Ledger,
  within,
} from '@graceful/conformance/client';
import { describeEvent, Kubelet, type Pod, type PodEnd } from '@graceful/rehearsal/kubelet';
import {
  accompanied,
  plain,
  reportsOf,
  type ServicePlan,
  supervised,
} from '@graceful/test/kubelet/templates.js';
import { kill } from '../upgrade/processes.js';
import { judge } from './judge.js';
import type { Outcome } from './outcome.js';
import { describePlan, type Plan } from './plan.js';

/** Short, for the runs are many: 2.2 s at most from the signal on, and a request of 300 ms always in hand. */
const service: ServicePlan = {
  drain: { delayMs: 400, requestsMs: 1_500, hooksMs: 300, idleMs: 200 },
  graceSeconds: 6,
};
const hold = { minMs: 400, maxMs: 1_000 };
/** Serving, before it is told to end, once whoever was killed is there again. */
const servingMs = 300;
const patienceMs = 60_000;
const pace = { requests: [{ path: '/' }, { path: '/slow?ms=300' }], thinkMs: 20 };

/** A pod under load, SIGKILL to somebody in it, and its end. */
export async function play(plan: Plan): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'pods-'));
  await using kubelet = new Kubelet({ restartBackOff: { firstMs: 300, mostMs: 1_000 } });
  const ledger = new Ledger();
  const story = (pod?: Pod) =>
    [
      ...kubelet.events.map(describeEvent),
      ...(pod ? [pod.logs('app'), ...logOfCompanion(plan, pod)] : []),
      ...ledger.lost.map((exchange) => exchange.describe()),
      `${ledger.refusals.length} connections were refused`,
    ].join('\n');
  try {
    const pod = await kubelet.run(templateOf(plan, folder));
    await within(patienceMs, 'readiness', pod.ready());
    if (plan.topology === 'companion') await within(patienceMs, 'the companion', connected(pod));
    const load = asking(ledger, pod);
    await stick(plan, ledger, pod);
    await within(patienceMs, 'answers', ledger.answers(6));
    let killed = false;
    if (plan.phase === 'serving') {
      await pause(plan.afterMs);
      killed = strike(plan, pod);
      if (killed) await within(patienceMs, 'whoever was killed', backAgain(plan, pod));
      await pause(servingMs);
    }
    const ended = plan.end === 'deletion' ? pod.delete() : pod.evict();
    if (plan.phase === 'leaving') {
      await pause(plan.afterMs);
      killed = strike(plan, pod);
    }
    const end: PodEnd = await within(patienceMs, 'the end of the pod', ended);
    await load.stop();
    const judged = await judge({
      plan,
      killed,
      pod,
      end,
      ledger,
      folder,
      reports: reportsOf(pod),
    });
    return { plan, killed, durationMs: end.durationMs, ...judged, story: story(pod) };
  } catch (error) {
    const [pod] = kubelet.pods;
    throw new Error(`${describePlan(plan)}: ${(error as Error).message}\n${story(pod)}`, { cause: error });
  } finally {
    ledger.destroy();
    await kubelet[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

function templateOf({ topology }: Plan, folder: string): ReturnType<typeof plain> {
  switch (topology) {
    case 'plain':
      return plain(service);
    case 'companion':
      return accompanied(service, hold, folder);
    case 'supervisor':
      return supervised(service);
  }
}

/** Requests that take longer than any grace: they are begun, and what becomes of them is seen at the end. */
async function stick({ stuck }: Plan, ledger: Ledger, pod: Pod): Promise<void> {
  const address = addressOf(pod);
  for (let count = 0; count < stuck; count++) {
    const connection = await ledger.connect(address);
    connection.send({ path: '/slow?ms=60000' });
  }
}

/** Clients that ask until they are stopped; where nobody listens they look again, for a container may come back. */
function asking(ledger: Ledger, pod: Pod): { readonly stop: () => Promise<void> } {
  const over = new AbortController();
  const enough = () => over.signal.aborted;
  const address = addressOf(pod);
  // As by a network that hears of everything at once: nobody new is sent to a pod that is ending, or that is not ready.
  const connect = async () => {
    const { ready, terminating } = pod.conditions;
    if (!ready || terminating) throw new ConnectError('ECONNREFUSED', {});
    return ledger.connect(address);
  };
  const clients = [askAndComeBack, askAndComeBack, askOnFreshConnections].map(async (ask) => {
    while (!enough()) {
      await ask(connect, pace, enough);
      await pause(20);
    }
  });
  return {
    stop: async () => {
      over.abort();
      await within(patienceMs, 'the clients', Promise.all(clients));
    },
  };
}

function addressOf(pod: Pod): Address {
  const address = pod.address('http');
  if (address === undefined) throw new Error('Expected a pod that runs.');
  return { ...address, tls: false };
}

/** Whether there was somebody to kill. */
function strike({ victim }: Plan, pod: Pod): boolean {
  switch (victim) {
    case 'nobody':
      return false;
    case 'worker': {
      const [worker] = childrenOf(pod.idOf('app'));
      if (worker !== undefined) kill(worker, 'SIGKILL');
      return worker !== undefined;
    }
    case 'app':
    case 'companion': {
      const there = pod.idOf(victim) !== undefined;
      pod.signal(victim, 'SIGKILL');
      return there;
    }
  }
}

/** By the kernel: proc(5). */
function childrenOf(pid: string | undefined): number[] {
  if (pid === undefined) return [];
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** The service says so in its log: that it has found the companion so many times. */
async function connected(pod: Pod, times = 1): Promise<void> {
  while (pod.logs('app').split('the companion is there').length <= times) await pause(20);
}

/** Resolves when somebody has come in the place of whoever was killed. */
async function backAgain({ victim, topology }: Plan, pod: Pod): Promise<void> {
  if (victim !== 'worker')
    await pod.happens('a restart', (event) => event.type === 'started' && event.restarts > 0);
  await pod.ready();
  if (topology === 'companion') await connected(pod, 2);
}

function logOfCompanion({ topology }: Plan, pod: Pod): string[] {
  return topology === 'companion' ? [pod.logs('companion')] : [];
}
