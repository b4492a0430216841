import type { TargetOutcome, WaitProgress } from '@graceful/companion/wait';

/** What a wait came to. */
export type WaitVerdict =
  | { readonly done: 'ok' }
  /** Not all was there in time. */
  | { readonly done: 'failed'; readonly code: 'timeout' }
  /** A signal came first. */
  | { readonly done: 'interrupted'; readonly code: NodeJS.Signals };

/** How a wait ended. */
export type WaitEnd = WaitVerdict & {
  readonly durationMs: number;
  readonly targets: readonly TargetOutcome[];
};

/** Shows how a wait comes along. */
export interface WaitPresenter {
  /** A target has been looked at. */
  progress(progress: WaitProgress): void;
  /** It is over. */
  end(end: WaitEnd): void;
}
