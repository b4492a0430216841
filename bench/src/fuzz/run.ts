import { setTimeout as pause } from 'node:timers/promises';
import { judge, type Judged } from './judge.js';
import type { Plan } from './plan.js';
import type { Witness } from './protocol.js';
import { StallWatch } from './stall.js';
import { type Exit, ServiceProcess, Trial, within } from './suite.js';

/** How long a departure may take beyond all of its budgets before it counts as a hang, in milliseconds. */
const hangMs = 1_000;

/** For how long clients may go on after the service has gone: they hear of that at once. In milliseconds. */
const afterwardsMs = 2_000;

/** What came of a run, and how far that can be believed. */
export interface Played extends Judged {
  /** The longest that the machine kept the clients from running at once, in milliseconds. */
  readonly stalledMs: number;
  /** All waits of clients and service for a processor together, in milliseconds. */
  readonly waitedMs: number;
}

/** Play `plan`, and see what came of it. */
export async function run(plan: Plan): Promise<Played> {
  const { config, protocol, signalAtMs, visitors } = plan;
  const service = await ServiceProcess.start(protocol.adapter, config);
  const trial = new Trial(config, service);
  using stall = new StallWatch(service.pid);
  const over = new AbortController();
  const witnesses: Witness[] = [];
  // Everybody who has a socket listens.
  const visits = visitors.map(async ({ kind, atMs, random }) => {
    await pause(atMs);
    await kind.visit({ trial, random, over: over.signal, witnesses });
  });
  const all = Promise.all(visits);
  all.catch(() => {});
  let exit: Exit | undefined;
  try {
    await pause(signalAtMs);
    trial.signal();
    exit = await within(budgetMs(plan) + hangMs, 'the exit', service.exited);
    over.abort();
    await within(afterwardsMs, 'the clients', all);
  } catch (error) {
    trial.violations.push(String(error));
  } finally {
    over.abort();
    await service.destroy();
    trial.clients.destroy();
    for (const witness of witnesses) witness.destroy();
  }
  return { ...judge(plan, trial, witnesses, exit), stalledMs: stall.longestMs, waitedMs: stall.totalMs };
}

/** The longest that the departure may take, in milliseconds. */
export function budgetMs({ config: { drain } }: Plan): number {
  const { delayMs, requestsMs, hooksMs } = drain;
  return (typeof delayMs === 'number' ? delayMs : delayMs.maxMs) + requestsMs + hooksMs;
}
