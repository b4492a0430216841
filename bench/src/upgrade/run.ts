import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Contestant, Running } from './contestant.js';
import { type LoadFigures, underLoad } from './load/load.js';
import type { UpgradePlan } from './plan.js';

/** What one contestant came to. */
export interface Played {
  readonly contestant: Contestant;
  /** The load without upgrades. */
  readonly quiet: LoadFigures;
  readonly upgrading: LoadFigures;
  /** How long each took, in milliseconds. */
  readonly upgradesMs: readonly number[];
  /** Why there were not as many as wanted. */
  readonly gaveUp: string | undefined;
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
  const { upgrades, quietMs, pauseMs, patienceMs } = plan;
  const quiet = await underLoad(running, patienceMs, () => pause(quietMs));
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
  return { contestant, quiet, upgrading, upgradesMs, gaveUp };
}
