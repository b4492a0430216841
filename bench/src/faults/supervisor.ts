import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { kill, until } from '../upgrade/processes.js';
import { comesTrue, type Outcome } from './outcome.js';
import type { Plan } from './plan.js';
import { Site } from './site.js';

const entry = new URL('services/supervisor.js', import.meta.url);
const workers = 2;
/** Beyond every budget of the services, and beyond what a start takes on a machine that does other work too. */
const settleMs = 60_000;

/** A supervisor replaces its workers, and it or one of them is killed meanwhile. */
export async function playSupervisor(plan: Plan): Promise<Outcome> {
  const site = await Site.open();
  const violations: string[] = [];
  try {
    const holder = await start(site);
    const old = workersOf(site, holder.pid);
    site.ask();
    kill(holder.pid, 'SIGUSR2');
    await site.told.reaches(plan.stage);
    await pause(plan.afterMs);
    const now = workersOf(site, holder.pid);
    const candidates = {
      old: now.filter((pid) => old.includes(pid)),
      new: now.filter((pid) => !old.includes(pid)),
      supervisor: [holder.pid],
    }[plan.victim];
    // One of them, not all: the others must not be harmed by it.
    const victims = candidates.slice(0, 1);
    const stage = site.told.stages.at(-1)?.stage ?? '';
    for (const pid of victims) kill(pid, 'SIGKILL');
    const killedAt = performance.now();

    const done = plan.victim === 'supervisor' ? () => allGone(site) : () => settled(site, holder.pid);
    if (!(await comesTrue(done, settleMs))) {
      violations.push(
        `not settled: ${JSON.stringify(site.family.members())} live, the supervisor says ${JSON.stringify(site.told.status?.generations)}`,
      );
    }
    const settledMs = performance.now() - killedAt;
    const last = workersOf(site, holder.pid);
    const serves = last.length === 0 ? 'nobody' : last.some((pid) => old.includes(pid)) ? 'old' : 'new';
    if (serves === 'nobody' && plan.victim !== 'supervisor') violations.push('nobody serves');
    await site.stopAsking();
    const neverListened = !site.told.stages.some((told) => told.stage === 'handover');
    const lost = [...site.books.lost.values()].reduce((sum, many) => sum + many, 0);
    if (plan.victim === 'new' && neverListened && lost > 0)
      violations.push(`${lost} requests lost, though only one that did not listen was killed`);
    await afterwards(site, plan.victim === 'supervisor' ? undefined : holder, violations);
    return {
      plan,
      killed: victims.length > 0,
      stage,
      serves,
      settledMs,
      lost,
      neverListened,
      history: site.told.history,
      violations,
    };
  } finally {
    await site.end();
  }
}

interface Holder {
  readonly pid: number;
  readonly exit: Promise<unknown[]>;
}

async function start(site: Site): Promise<Holder> {
  const child = site.family.start(entry, site.environment, site.told.hear);
  const { pid = 0 } = child;
  const exit = once(child, 'exit');
  await until(
    'the first generation',
    () => site.told.status?.pid === pid && site.told.status.state === 'serving',
    settleMs,
  );
  return { pid, exit };
}

function workersOf(site: Site, supervisor: number): number[] {
  return site.family.members().flatMap(({ pid, parent }) => (parent === supervisor ? [pid] : []));
}

async function allGone(site: Site): Promise<boolean> {
  return site.family.members().length === 0;
}

/** The upgrade is over, one generation is left, whole, and it answers on both sockets. */
async function settled(site: Site, supervisor: number): Promise<boolean> {
  const { status, stages } = site.told;
  if (!['success', 'failed'].includes(stages.at(-1)?.stage ?? '')) return false;
  if (status?.state !== 'serving' || status.generations.length !== 1) return false;
  const said = status.generations[0]?.workers ?? [];
  const pids = workersOf(site, supervisor);
  if (said.length !== workers || !said.every(({ state }) => state === 'active')) return false;
  if (pids.length !== workers || !said.every(({ pid }) => pids.includes(pid ?? 0))) return false;
  return (await site.whoAnswers()).every((pid) => pid !== undefined && pids.includes(pid));
}

/** It is started again where it is no more, and upgrades once more; in the end it exits with 0, and nothing is left of it. */
async function afterwards(site: Site, alive: Holder | undefined, violations: string[]): Promise<void> {
  try {
    const { pid, exit } = alive ?? (await start(site));
    const before = workersOf(site, pid);
    const from = site.told.stages.length;
    kill(pid, 'SIGUSR2');
    await site.told.reaches('success', from);
    if (!(await comesTrue(() => settled(site, pid), settleMs)))
      violations.push('afterwards: another upgrade does not settle');
    const after = workersOf(site, pid);
    if (after.some((one) => before.includes(one)))
      violations.push('afterwards: another upgrade replaced nobody');
    kill(pid, 'SIGTERM');
    await until('the end', () => site.family.members().length === 0, settleMs);
    const [code] = await exit;
    if (code !== 0) violations.push(`afterwards: the supervisor exits with ${String(code)}`);
    const leftovers = await site.leftovers();
    if (leftovers.length > 0) violations.push(`left behind: ${leftovers.join(', ')}`);
  } catch (error) {
    violations.push(`afterwards: ${String(error)}`);
  }
  if (site.told.other.length > 0) violations.push(`said: ${site.told.other.join('\n')}`);
}
