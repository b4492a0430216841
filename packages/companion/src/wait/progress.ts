import type { Target } from './target.js';

/** A target that is there. */
export interface TargetThere {
  /** Tells it from {@link TargetMissing}. */
  readonly state: 'there';
  /** As it was given. */
  readonly target: string;
  /** What is looked for. */
  readonly kind: Target['kind'];
  /** From the beginning of the waiting, in milliseconds. */
  readonly afterMs: number;
  /** How often it was looked at. */
  readonly tries: number;
  /** What was found: the addresses of a name, the status of an answer. */
  readonly found?: string;
}

/** A target that is not there. */
export interface TargetMissing {
  /** Tells it from {@link TargetThere}. */
  readonly state: 'missing';
  /** As it was given. */
  readonly target: string;
  /** What is looked for. */
  readonly kind: Target['kind'];
  /** From the beginning of the waiting, in milliseconds. */
  readonly afterMs: number;
  /** How often it was looked at. */
  readonly tries: number;
  /** Why it is not there, at the last look. */
  readonly because: string;
}

/** What became of a target, for whoever waits for several. */
export type TargetOutcome = TargetThere | TargetMissing;

/** A look has ended: it is there, or is looked at again after a pause, in milliseconds. */
export type WaitProgress = TargetThere | (TargetMissing & { readonly againInMs: number });
