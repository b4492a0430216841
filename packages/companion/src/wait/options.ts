import { duration, knownKeys, wrong } from '../options.js';
import type { WaitProgress } from './progress.js';

/** How long is waited for what, and who hears of it. */
export interface WaitOptions {
  /**
   * How long all of it may take, in milliseconds.
   *
   * @defaultValue 60_000
   */
  readonly timeoutMs?: number;
  /**
   * The pause after the first try that failed, in milliseconds; each one is
   * half as long again as the one before, and up to a half of it is left out
   * at random.
   *
   * @defaultValue 250
   */
  readonly everyMs?: number;
  /**
   * The longest pause, in milliseconds.
   *
   * @defaultValue 2_000
   */
  readonly maxEveryMs?: number;
  /**
   * How long one try may take, in milliseconds.
   *
   * @defaultValue 5_000
   */
  readonly attemptMs?: number;
  /**
   * Believe any certificate behind `https://`: it is told then that somebody
   * answers, and not who.
   *
   * @defaultValue false
   */
  readonly insecure?: boolean;
  /** Hears of each try that has ended. What it throws ends the waiting. */
  readonly onProgress?: (progress: WaitProgress) => void;
  /** Ends the waiting; `waitFor` rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** {@link WaitOptions} with nothing left open. */
export interface ResolvedWait {
  readonly timeoutMs: number;
  readonly everyMs: number;
  readonly maxEveryMs: number;
  readonly attemptMs: number;
  readonly insecure: boolean;
  readonly onProgress: (progress: WaitProgress) => void;
  readonly signal: AbortSignal | undefined;
}

/** @throws CompanionError `ERR_COMPANION_OPTION` */
export function resolveWait(options: WaitOptions): ResolvedWait {
  knownKeys('the options of waitFor()', options, [
    'timeoutMs',
    'everyMs',
    'maxEveryMs',
    'attemptMs',
    'insecure',
    'onProgress',
    'signal',
  ]);
  const { insecure = false, onProgress = () => {}, signal } = options;
  if (typeof insecure !== 'boolean') throw wrong('`insecure` to be true or false', insecure);
  if (typeof onProgress !== 'function') throw wrong('`onProgress` to be a function', onProgress);
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw wrong('`signal` to be an AbortSignal', signal);
  const attemptMs = duration('attemptMs', options.attemptMs, 5_000);
  // Nothing is there within no time at all.
  if (attemptMs === 0) throw wrong('`attemptMs` to be more than 0', attemptMs);
  return {
    timeoutMs: duration('timeoutMs', options.timeoutMs, 60_000),
    everyMs: duration('everyMs', options.everyMs, 250),
    maxEveryMs: duration('maxEveryMs', options.maxEveryMs, 2_000),
    attemptMs,
    insecure,
    onProgress,
    signal,
  };
}
