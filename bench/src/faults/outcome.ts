import type { Plan } from './plan.js';

/** What came of one SIGKILL. */
export interface Outcome {
  readonly plan: Plan;
  /** There was somebody to kill. */
  readonly killed: boolean;
  /** The stage that the upgrade was in by then, as far as it had been told. */
  readonly stage: string;
  /** Who serves afterwards; `nobody` where all that was left depended on the one that was killed. */
  readonly serves: 'old' | 'new' | 'nobody';
  /** From SIGKILL until one generation served and no other was left, or nobody; in milliseconds. */
  readonly settledMs: number;
  /** Requests that clients lost. */
  readonly lost: number;
  /** The new one was never told to listen. */
  readonly neverListened: boolean;
  /** Who told of which stage, for whoever has to find out why. */
  readonly history: string;
  /** What must not be. */
  readonly violations: readonly string[];
}

/** Looks until `done`, which may ask somebody; `false` when it took longer than `limitMs`. */
export async function comesTrue(done: () => Promise<boolean>, limitMs: number): Promise<boolean> {
  const lastly = performance.now() + limitMs;
  while (!(await done())) {
    if (performance.now() > lastly) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}
