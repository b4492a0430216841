import { setMaxListeners } from 'node:events';
import type { Clock } from './clock.js';
import { longestLines } from './hook-order.js';
import type { RegisteredHook } from './hook.js';
import { type HookReport, type HookResult, reportedError } from './report.js';

/** What a phase gives to the run of its hooks. */
export interface HookRun {
  readonly reason: string;
  readonly clock: Clock;
  /** Milliseconds until the phase ends; asked anew for each hook, for a deadline can be shortened. */
  readonly remainingMs: () => number;
  /** Aborted when the phase ends: hooks that still run are given up, the rest are not begun. */
  readonly phaseOver: AbortSignal;
  /** Told of each hook as it ends, with what it threw. */
  readonly onEnd: (report: HookReport, thrown?: unknown) => void;
}

/**
 * Run the hooks of one phase: side by side, but for those that come after
 * others. One that throws or hangs is reported and stops no other. Resolves
 * when each has ended or been given up; never rejects.
 */
export async function runHooks(hooks: readonly RegisteredHook[], run: HookRun): Promise<void> {
  // One listener for each hook that runs: ten are no sign of a leak.
  setMaxListeners(0, run.phaseOver);
  const lines = longestLines(hooks);
  const ends = new Map<string, Promise<void>>();
  // A name outside this phase ended with an earlier one, or was never registered.
  const begin = (hook: RegisteredHook): Promise<void> => {
    const known = ends.get(hook.name);
    if (known) return known;
    const before = hooks.filter((other) => hook.after.includes(other.name)).map(begin);
    const end = Promise.all(before).then(() => runHook(hook, lines.get(hook.name) ?? 1, run));
    ends.set(hook.name, end);
    return end;
  };
  await Promise.all(hooks.map(begin));
}

async function runHook(hook: RegisteredHook, line: number, run: HookRun): Promise<void> {
  const { name, phase } = hook;
  if (run.phaseOver.aborted) {
    run.onEnd({ name, phase, result: 'skipped', durationMs: 0 });
    return;
  }
  const startedAt = run.clock.now();
  // The default leaves an equal share to each hook that waits in line behind
  // this one, so that a hook that hangs keeps none of them from running.
  const timeoutMs = hook.timeoutMs ?? run.remainingMs() / line;
  const { result, thrown } = await attempt(hook, timeoutMs, run);
  run.onEnd(
    {
      name,
      phase,
      result,
      durationMs: run.clock.now() - startedAt,
      ...(result === 'failed' && { error: reportedError(thrown, `hook ${name}`) }),
    },
    thrown,
  );
}

function attempt(
  hook: RegisteredHook,
  timeoutMs: number,
  run: HookRun,
): Promise<{ result: HookResult; thrown?: unknown }> {
  return new Promise((resolve) => {
    const controller = new AbortController();
    const end = (result: HookResult, thrown?: unknown) => {
      alarm.cancel();
      run.phaseOver.removeEventListener('abort', giveUp);
      resolve({ result, thrown });
    };
    const giveUp = () => {
      controller.abort(new Error(`The time of hook ${hook.name} is up`));
      end('timed-out');
    };
    const alarm = run.clock.after(timeoutMs, giveUp);
    run.phaseOver.addEventListener('abort', giveUp, { once: true });
    // Inside a promise, so that a hook that throws at once is like one that rejects.
    Promise.resolve()
      .then(() => hook.run({ signal: controller.signal, reason: run.reason }))
      .then(
        () => end('ok'),
        (error: unknown) => end('failed', error),
      );
  });
}
