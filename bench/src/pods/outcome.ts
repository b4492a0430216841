import type { Plan } from './plan.js';

/** What came of one run. */
export interface Outcome {
  readonly plan: Plan;
  /** There was somebody to kill. */
  readonly killed: boolean;
  /** From the begin of the termination to the last exit, in milliseconds. */
  readonly durationMs: number;
  /** What the kubelet allows it at most, in milliseconds. */
  readonly deadlineMs: number;
  /** Requests that clients lost, by their own books. */
  readonly lost: number;
  /** The same, by reports and receipts. */
  readonly told: number;
  /** What the receipts come to; of a pod without a companion, of its reports. */
  readonly verdicts: readonly string[];
  /** All that happened, for whoever has to find out why. */
  readonly story: string;
  /** What must not be. */
  readonly violations: readonly string[];
}
