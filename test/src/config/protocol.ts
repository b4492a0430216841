import type { ConfigErrorCode, LookCause, LookOutcome } from '@graceful/config';

/** What the content of a test says: a number that counts the contents, and padding. */
export interface Value {
  readonly n: number;
  readonly padding?: string | undefined;
}

/** How the service is set up. */
export interface ConfigServiceOptions {
  readonly path?: string;
  readonly directory?: string;
  readonly debounceMs?: number;
  readonly pollMs?: number;
  readonly maxBytes?: number;
  readonly waitMs?: number;
  readonly watch?: 'auto' | 'poll';
  readonly signal?: NodeJS.Signals | false;
}

/** What the service is told. */
export type ConfigCommand =
  | { readonly type: 'reload' }
  | { readonly type: 'metrics' }
  | { readonly type: 'close' };

/** What the service tells; `at` is of the monotonic clock that all processes of a machine share, in milliseconds. */
export type ConfigNotice = { readonly at: number } & (
  | { readonly type: 'waiting' }
  | { readonly type: 'ready'; readonly value: Value; readonly noticedBy: 'events' | 'polling' }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  | {
      readonly type: 'change';
      readonly value: Value;
      readonly previous: Value;
      readonly revision: number;
      readonly cause: LookCause;
    }
  | {
      readonly type: 'rejected';
      readonly code: ConfigErrorCode;
      readonly message: string;
      readonly line: number | undefined;
      readonly revision: number;
      readonly inForce: number | undefined;
    }
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string }
  | { readonly type: 'looked'; readonly result: LookOutcome['result']; readonly n: number }
  | { readonly type: 'metrics'; readonly text: string }
  | { readonly type: 'closed' }
);

/** A notice before it is stamped. */
export type Untimed<Notice = ConfigNotice> = Notice extends unknown ? Omit<Notice, 'at'> : never;

/** On a clock that all processes of this machine share, in milliseconds. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
