import type { ProgressEvent } from '@graceful/handover/control';
import type { Result } from '../exit-code.js';

/** Where something is printed to. */
export interface Printer {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** Shows how a request comes along. */
export interface Presenter {
  /** Something happened on the way. */
  event(event: ProgressEvent): void;
  /** It is over. */
  end(result: Result): void;
  /** Whoever watched goes; what was asked for goes on. */
  leave?(): void;
}
