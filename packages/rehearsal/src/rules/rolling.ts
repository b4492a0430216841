import { wrong } from '../spec/checks.js';

/** A number of pods, or a part of the replicas such as `25%`. */
export type CountOrPercent = number | `${number}%`;

/** How many pods there may be too many, and too few. */
export interface Bounds {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/**
 * The bounds in pods: of a percentage, surge is rounded up and unavailable
 * down. Where both come to nothing, one pod may be unavailable: otherwise
 * nothing could ever happen.
 */
export function boundsOf(replicas: number, maxSurge: CountOrPercent, maxUnavailable: CountOrPercent): Bounds {
  const surge = scaled('maxSurge', maxSurge, replicas, Math.ceil);
  const unavailable = scaled('maxUnavailable', maxUnavailable, replicas, Math.floor);
  return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** What there is; pods that are being deleted are counted nowhere. */
export interface RollCounts {
  readonly replicas: number;
  /** Of the new template. */
  readonly fresh: number;
  readonly freshAvailable: number;
  /** Of older ones. */
  readonly old: number;
  readonly oldAvailable: number;
}

/** What is done next. */
export interface RollStep {
  /** So many of the new template. */
  readonly create: number;
  /** So many old ones that are not available. */
  readonly removeUnavailable: number;
  /** So many old ones that are. */
  readonly removeAvailable: number;
}

/** The next step of a rolling update, as the deployment controller takes it. */
export function nextStep(counts: RollCounts, { maxSurge, maxUnavailable }: Bounds): RollStep {
  const { replicas, fresh, freshAvailable, old, oldAvailable } = counts;
  const all = fresh + old;
  const create = Math.max(0, Math.min(replicas - fresh, replicas + maxSurge - all));
  const leastAvailable = replicas - maxUnavailable;
  // New ones that are not yet available may not be paid for with old ones.
  const removable = all + create - leastAvailable - (fresh + create - freshAvailable);
  const removeUnavailable = Math.max(0, Math.min(old - oldAvailable, removable));
  const spare = freshAvailable + oldAvailable - leastAvailable;
  const removeAvailable = Math.max(0, Math.min(oldAvailable, spare, removable - removeUnavailable));
  return { create, removeUnavailable, removeAvailable };
}

function scaled(
  name: string,
  value: CountOrPercent,
  replicas: number,
  round: (value: number) => number,
): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  const percent = /^(\d+)%$/.exec(String(value))?.[1];
  if (percent === undefined)
    throw wrong(`\`${name}\` to be a whole number from 0 on or a percentage such as "25%"`, value);
  return round((Number(percent) * replicas) / 100);
}
