import type { SupervisorOptions } from './options.js';

/** How a generation came about. */
export type Origin = 'start' | 'upgrade' | 'rollback';

/**
 * Whether a version that crashes is to be given up for the one before. Only
 * one that was upgraded to: between two that both crash nobody goes back and
 * forth for ever.
 */
export function isHopeless(
  { origin, crashes, activeMs }: { origin: Origin; crashes: number; activeMs: number },
  limit: NonNullable<SupervisorOptions['rollback']>,
): boolean {
  return limit !== false && origin === 'upgrade' && crashes >= limit.crashes && activeMs <= limit.withinMs;
}
