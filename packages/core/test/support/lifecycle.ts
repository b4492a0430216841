import { vi } from 'vitest';
import type { Budgets } from '../../src/lifecycle/budget.js';
import type { LifecycleEvents } from '../../src/lifecycle/lifecycle-events.js';
import { systemClock } from '../../src/lifecycle/clock.js';
import { Lifecycle, type LifecycleParts } from '../../src/lifecycle/lifecycle.js';

/** An event as it was emitted. */
export type Told = {
  [Name in keyof LifecycleEvents]: [name: Name, event: LifecycleEvents[Name]];
}[keyof LifecycleEvents];

/** A lifecycle with the default budgets, on vitest's fake time, and everything that it tells. */
export function makeLifecycle({
  delayMs = 5_000,
  requestsMs = 15_000,
  hooksMs = 5_000,
  ...parts
}: Partial<LifecycleParts & Budgets> = {}): { lifecycle: Lifecycle; told: Told[] } {
  const told: Told[] = [];
  const lifecycle = new Lifecycle({
    clock: systemClock,
    drain: { delayMs, requestsMs, hooksMs },
    emit: (name, event) => void told.push([name, event] as Told),
    heldBy: async () => [],
    afterReport: async () => {},
    ...parts,
  });
  return { lifecycle, told };
}

/** Milliseconds on the fake clock since the call. */
export function stopwatch(): () => number {
  const since = performance.now();
  return () => performance.now() - since;
}

/** Turn the hands until `work` has settled, at most `withinMs`; what it came to. */
export async function settled<T>(work: Promise<T>, withinMs = 60_000): Promise<T> {
  const progress = { over: false };
  const done = () => {
    progress.over = true;
  };
  work.then(done, done);
  await vi.advanceTimersByTimeAsync(0);
  const end = performance.now() + withinMs;
  while (!progress.over && performance.now() < end && vi.getTimerCount() > 0) {
    const before = performance.now();
    await vi.advanceTimersToNextTimerAsync();
    // Only an immediate: whoever waits in turns may be waiting for the clock.
    if (performance.now() === before) await vi.advanceTimersByTimeAsync(1);
  }
  // The last timer may have settled it, and who waits hears of it a turn later.
  for (let turn = 0; turn < 10 && !progress.over; turn++) await vi.advanceTimersByTimeAsync(0);
  if (!progress.over) throw new Error(`Expected it to settle within ${withinMs} ms of fake time`);
  return work;
}
