import type { AdaptiveDelay } from './lame-duck.js';

/** The three budgets that a user gives, in milliseconds. */
export interface Budgets {
  readonly delayMs: number | AdaptiveDelay;
  readonly requestsMs: number;
  readonly hooksMs: number;
}

/** How long each step of a shutdown may take, in milliseconds. */
export interface Budget {
  /** The lame-duck: still serving while balancers notice. */
  readonly delayMs: number;
  /** The drain: what is in flight finishes. */
  readonly requestsMs: number;
  /** Hooks of the phase `close`. */
  readonly closeMs: number;
  /** Hooks of the phase `flush`. */
  readonly flushMs: number;
}

/** The part of the hooks' budget kept back for the flush, so that a pool that hangs costs no log line. */
const flushShare = 0.2;

/** Divide the three budgets that a user gives into the four steps that the lifecycle walks through. */
export function budgetOf(
  drain: { readonly delayMs: number; readonly requestsMs: number; readonly hooksMs: number },
  hasFlushHooks: boolean,
): Budget {
  const flushMs = hasFlushHooks ? drain.hooksMs * flushShare : 0;
  return { delayMs: drain.delayMs, requestsMs: drain.requestsMs, closeMs: drain.hooksMs - flushMs, flushMs };
}
