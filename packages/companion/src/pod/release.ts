/** How long a preStop hook is held, in milliseconds. */
export interface HoldTimes {
  /** At least, so that the cluster notices. */
  readonly minMs: number;
  /** How long nothing must have come. */
  readonly quietMs: number;
  /** At most. */
  readonly maxMs: number;
}

/** What is known of those who are held back. */
export interface HoldFacts {
  /** Since the pod began to end, or since the hook came. */
  readonly heldMs: number;
  /** Nobody is there any more. */
  readonly isGone: boolean;
  /** Whatever is to leave before it has left. */
  readonly hasTurn: boolean;
  /** Requests by its own word, else connections by the kernel's; unknown without either. */
  readonly inFlight: number | undefined;
  /** How long nothing has come; `Infinity` where nothing ever has, unknown where nobody looks. */
  readonly quietMs: number | undefined;
  /** Until its deadline. */
  readonly remainingMs: number;
  /** What it needs itself from its signal on. */
  readonly budgetsMs: number;
}

/** Why a hook is let go. */
export type Release = 'quiet' | 'cap' | 'gone' | 'deadline';

/**
 * What is kept back for the platform: the kubelet cuts the time of a preStop
 * hook to whole seconds, and gives 2 s in the end, whatever is left
 * (`minimumGracePeriodInSeconds`, kuberuntime_container.go).
 */
export const marginMs = 3_000;

/** Whether a hook is let go by now, and why. */
export function releaseOf(facts: HoldFacts, { minMs, quietMs, maxMs }: HoldTimes): Release | undefined {
  if (facts.isGone) return 'gone';
  // Never at the expense of the time that it was promised for its own requests and hooks.
  if (facts.remainingMs <= facts.budgetsMs + marginMs) return 'deadline';
  if (!facts.hasTurn) return undefined;
  if (facts.heldMs >= maxMs) return 'cap';
  const isQuiet = facts.inFlight === 0 && facts.quietMs !== undefined && facts.quietMs >= quietMs;
  return facts.heldMs >= minMs && isQuiet ? 'quiet' : undefined;
}
