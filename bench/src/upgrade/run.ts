import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Contestant, Running } from './contestant.js';
import { type LoadFigures, underLoad } from './load/load.js';
import type { UpgradePlan } from './plan.js';
import type { Cost } from './processes.js';

const minuteMs = 60_000;

/** What one contestant came to. */
export interface Played {
  readonly contestant: Contestant;
  /** The load without upgrades. */
  readonly quiet: LoadFigures;
  readonly upgrading: LoadFigures;
  /** What the process that watches costs, where there is one. */
  readonly watcher: WatcherFigures | undefined;
  /** How long each took, in milliseconds. */
  readonly upgradesMs: readonly number[];
  /** Why there were not as many as wanted. */
  readonly gaveUp: string | undefined;
}

/** What the process that only watches costs. */
interface WatcherFigures {
  readonly first: Cost;
  /** After all upgrades. */
  readonly last: Cost;
  /** CPU time that it takes in a minute, in milliseconds: when nobody asks anything, and under the load without upgrades. */
  readonly idleCpuMs: number;
  readonly loadedCpuMs: number;
}

export async function play(contestant: Contestant, plan: UpgradePlan): Promise<Played> {
  const folder = await mkdtemp(join(tmpdir(), 'graceful-upgrade-'));
  try {
    const running = await contestant.start(folder);
    try {
      return await playOn(contestant, running, plan);
    } finally {
      await running.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function playOn(contestant: Contestant, running: Running, plan: UpgradePlan): Promise<Played> {
  const { idleMs, quietMs, pauseMs, patienceMs } = plan;
  const upgrades = contestant.role === 'ours' ? plan.upgrades : plan.peerUpgrades;
  // What follows a start is over before it is measured.
  await pause(pauseMs);
  const first = running.watcher?.();
  await pause(idleMs);
  const idle = running.watcher?.();
  const quiet = await underLoad(running, patienceMs, () => pause(quietMs));
  const loaded = running.watcher?.();
  const upgradesMs: number[] = [];
  let gaveUp: string | undefined;
  const upgrading = await underLoad(running, patienceMs, async (lost) => {
    while (upgradesMs.length < upgrades && gaveUp === undefined) {
      await pause(pauseMs);
      const begunAt = performance.now();
      try {
        await running.upgrade();
        upgradesMs.push(performance.now() - begunAt);
      } catch (error) {
        gaveUp = String(error);
      }
      process.stderr.write(
        `upgrade: ${contestant.name}, ${upgradesMs.length} of ${upgrades}, ${lost()} lost${gaveUp ? `, ${gaveUp}` : ''}\n`,
      );
    }
    await pause(pauseMs);
  });
  const last = running.watcher?.();
  const watcher = first &&
    idle &&
    loaded &&
    last && {
      first,
      last,
      idleCpuMs: ((idle.cpuMs - first.cpuMs) / idleMs) * minuteMs,
      loadedCpuMs: ((loaded.cpuMs - idle.cpuMs) / quiet.durationMs) * minuteMs,
    };
  return { contestant, quiet, upgrading, watcher, upgradesMs, gaveUp };
}
