import type { Target } from './target.js';

/** What became of a target, for whoever waits for several. */
export type TargetOutcome =
  | {
      readonly state: 'there';
      /** As it was given. */
      readonly target: string;
      readonly kind: Target['kind'];
      /** From the beginning of the waiting, in milliseconds. */
      readonly afterMs: number;
      /** How often it was looked at. */
      readonly tries: number;
      /** What was found: the addresses of a name, the status of an answer. */
      readonly found?: string;
    }
  | {
      readonly state: 'missing';
      readonly target: string;
      readonly kind: Target['kind'];
      readonly afterMs: number;
      readonly tries: number;
      /** Why it is not there, at the last look. */
      readonly because: string;
    };

/** A try has ended: it is there, or is looked at again after a pause. */
export type WaitProgress =
  | Extract<TargetOutcome, { state: 'there' }>
  | (Extract<TargetOutcome, { state: 'missing' }> & { readonly againInMs: number });
