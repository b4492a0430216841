import { setTimeout as pause } from 'node:timers/promises';
import { isAlive, kill, pidIn, until } from '../upgrade/processes.js';
import { comesTrue, type Outcome } from './outcome.js';
import type { Plan } from './plan.js';
import { Site } from './site.js';

const entry = new URL('services/in-process.js', import.meta.url);
/** Beyond every budget of the services, and beyond what a start takes on a machine that does other work too. */
const settleMs = 60_000;

/** The service replaces itself, and one of the two processes is killed meanwhile. */
export async function playInProcess(plan: Plan): Promise<Outcome> {
  const site = await Site.open();
  const violations: string[] = [];
  try {
    const old = await start(site);
    site.ask();
    kill(old, 'SIGUSR2');
    await site.told.reaches(plan.stage);
    await pause(plan.afterMs);
    const others = members(site).filter((pid) => pid !== old);
    const victims = plan.victim === 'old' ? [old].filter(isAlive) : others;
    const stage = site.told.stages.at(-1)?.stage ?? '';
    for (const pid of victims) kill(pid, 'SIGKILL');
    const killedAt = performance.now();

    if (!(await comesTrue(() => settled(site, old, victims), settleMs))) {
      violations.push(
        `not settled: ${members(site).join(', ')} live, the pid file says ${pidIn(site.pidFile)}`,
      );
    }
    const settledMs = performance.now() - killedAt;
    const [last] = members(site);
    const serves = last === undefined ? 'nobody' : last === old ? 'old' : 'new';
    await site.stopAsking();
    const committed = site.told.stages.some((told) => told.stage === 'success');
    if (serves === 'nobody' && victims.length > 0) {
      if (plan.victim === 'new' && !committed)
        violations.push('the new one was killed before it took over, and the old one is gone');
      if (plan.victim === 'old' && others.some((pid) => !victims.includes(pid)))
        violations.push('the old one was killed, and the new one is gone too');
    }
    const neverListened = !site.told.stages.some((told) => told.stage === 'handover');
    const { lost } = site.books;
    const lostNow = [...lost.values()].reduce((sum, many) => sum + many, 0);
    if (plan.victim === 'new' && neverListened && lostNow > 0)
      violations.push(`${lostNow} requests lost, though only one that did not listen was killed`);
    await afterwards(site, last, violations);
    return {
      plan,
      killed: victims.length > 0,
      stage,
      serves,
      settledMs,
      lost: lostNow,
      neverListened,
      history: site.told.history,
      violations,
    };
  } finally {
    await site.end();
  }
}

async function start(site: Site): Promise<number> {
  const { pid = 0 } = site.family.start(entry, site.environment, site.told.hear);
  // The pid file is there when the first of its sockets is.
  const isUp = async (): Promise<boolean> =>
    pidIn(site.pidFile) === pid && (await site.whoAnswers()).every((one) => one === pid);
  if (!(await comesTrue(isUp, settleMs))) throw new Error(`${pid} does not come up`);
  return pid;
}

function members(site: Site): number[] {
  return site.family.members().map(({ pid }) => pid);
}

/** One process is left, the pid file names it, and it answers on both sockets; or none is. */
async function settled(site: Site, old: number, victims: readonly number[]): Promise<boolean> {
  const [last, ...rest] = members(site);
  if (last === undefined) return true;
  // Where nobody was killed the upgrade goes its way.
  if (rest.length > 0 || (victims.length === 0 && last === old)) return false;
  // It has not noticed yet.
  if (last === old && site.told.stages.at(-1)?.stage !== 'failed') return false;
  if (pidIn(site.pidFile) !== last) return false;
  return (await site.whoAnswers()).every((pid) => pid === last);
}

/** It can be replaced once more, or started again; and in the end nothing is left of it. */
async function afterwards(site: Site, survivor: number | undefined, violations: string[]): Promise<void> {
  let serving = survivor;
  try {
    if (serving === undefined) {
      serving = await start(site);
    } else {
      const before = serving;
      kill(before, 'SIGUSR2');
      await until('another upgrade', () => ![before, undefined].includes(pidIn(site.pidFile)), settleMs);
      await until('the one before to go', () => !isAlive(before), settleMs);
      serving = pidIn(site.pidFile) as number;
    }
    const last = serving;
    // The pid file is there when the first of its sockets is.
    const isTheOne = async (): Promise<boolean> => (await site.whoAnswers()).every((pid) => pid === last);
    if (!(await comesTrue(isTheOne, settleMs))) {
      violations.push(
        `afterwards ${last} is to serve, and ${(await site.whoAnswers()).join(', ')} answer; ${members(site).join(', ')} live`,
      );
    }
    kill(serving, 'SIGTERM');
    await until('the end', () => members(site).length === 0, settleMs);
    const leftovers = await site.leftovers();
    if (leftovers.length > 0) violations.push(`left behind: ${leftovers.join(', ')}`);
  } catch (error) {
    violations.push(`afterwards: ${String(error)}`);
  }
  if (site.told.other.length > 0) violations.push(`said: ${site.told.other.join('\n')}`);
}
