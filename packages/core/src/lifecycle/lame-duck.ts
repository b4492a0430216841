import type { Activity } from '../drain/drainable.js';
import type { Clock } from './clock.js';

/** A lame-duck that ends as soon as traffic has really stopped. */
export interface AdaptiveDelay {
  /** It lasts at least this long, in milliseconds. */
  readonly minMs: number;
  /** And at most this long, in milliseconds. */
  readonly maxMs: number;
  /** In between it ends once no request has come for so long, in milliseconds, and none is in flight. */
  readonly quietMs: number;
}

/** The longest that a lame-duck may last. */
export function longestDelayMs(delay: number | AdaptiveDelay): number {
  return typeof delay === 'number' ? delay : delay.maxMs;
}

/**
 * How long to wait before the lame-duck may end, in milliseconds; 0 when it
 * may end now. While work is in flight nothing tells when it will be done, so
 * the answer is then to look again after a part of the quiet time.
 */
function quietInMs(
  delay: AdaptiveDelay,
  begunAt: number,
  now: number,
  activity: readonly Activity[],
): number {
  const tooEarlyMs = begunAt + delay.minMs - now;
  if (tooEarlyMs > 0) return tooEarlyMs;
  if (activity.some(({ pending, longLived = 0 }) => pending > longLived))
    return Math.max(1, delay.quietMs / 10);
  const lastArrivalAt = Math.max(...activity.map((seen) => seen.lastArrivalAt));
  return Math.max(0, lastArrivalAt + delay.quietMs - now);
}

/** Resolves when the lame-duck is over: at `over`, or for an adaptive one as soon as it is quiet. */
export async function lameDuckOver(
  delay: number | AdaptiveDelay,
  clock: Clock,
  over: AbortSignal,
  activity: () => readonly Activity[],
): Promise<void> {
  const begunAt = clock.now();
  while (!over.aborted) {
    const waitMs = typeof delay === 'number' ? Infinity : quietInMs(delay, begunAt, clock.now(), activity());
    if (waitMs === 0) return;
    await abortedOrAfter(over, clock, waitMs);
  }
}

function abortedOrAfter(signal: AbortSignal, clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const alarm = ms === Infinity ? undefined : clock.after(ms, () => done());
    const done = () => {
      alarm?.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done, { once: true });
  });
}
