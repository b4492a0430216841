import type { ConfigError } from './config-error.js';

/** Why the file was looked at: something changed, the signal came, `reload()` was called, or it was the first time. */
export type LookCause = 'start' | 'change' | 'signal' | 'reload';

/** A value that came into force. */
export interface ConfigChange<Value> {
  /** The value, frozen. */
  readonly value: Value;
  /** The one before it, frozen. */
  readonly previous: Value;
  /** Counts the values that were in force: the first is 1. */
  readonly revision: number;
  /** SHA-256 of the content that the value was made of, in hex. */
  readonly hash: string;
  /** Why the file was looked at. */
  readonly cause: LookCause;
}

/** A content that did not come into force. */
export interface ConfigRejection {
  /** Why: its `code`, the place in the file, and the issues of the schema. */
  readonly error: ConfigError;
  /** What stays in force; 0 where there was no good value yet. */
  readonly revision: number;
  /** Why the file was looked at. */
  readonly cause: LookCause;
}

/** A listener that failed. */
export interface ListenerFailure {
  /** What it threw, or what its promise was rejected with. */
  readonly error: unknown;
  /** Whose it was, such as `a listener of "change"`. */
  readonly from: string;
}

/** Everything that can be listened to, by how it is told. */
export interface ConfigEvents<Value> {
  /** A value came into force. */
  readonly change: (change: ConfigChange<Value>) => void | Promise<void>;
  /** A content was refused, and the last good value stays in force. The same content is refused once. */
  readonly rejected: (rejection: ConfigRejection) => void | Promise<void>;
  /** A listener failed. The value stays in force, and the others are told all the same. */
  readonly error: (failure: ListenerFailure) => void | Promise<void>;
}

/** What a look at the file came to. */
export type LookOutcome =
  /** There is a new value in force. */
  | { readonly result: 'applied'; readonly revision: number }
  /** The value is what it was: the content is the same, or means the same. */
  | { readonly result: 'unchanged'; readonly revision: number }
  /** The content is bad, and `revision` stays in force. */
  | { readonly result: 'rejected'; readonly revision: number; readonly error: ConfigError };

/** A configuration that is watched. Disposing it is the same as `close()`. */
export interface WatchedConfig<Value> extends Disposable {
  /** What is in force: frozen, and replaced as a whole. Read it where it is needed, rather than to keep it. */
  readonly value: Value;
  /** Counts the values that were in force: the first is 1. */
  readonly revision: number;
  /** SHA-256 of the content that the value was made of, in hex: the same in two instances that have the same. */
  readonly hash: string;
  /** When the value came into force. */
  readonly since: Date;
  /** Why what is in the file now is not in force; `undefined` where it is. */
  readonly rejection: ConfigError | undefined;
  /** How changes are noticed. */
  readonly noticedBy: 'events' | 'polling';
  /**
   * Look now, and judge again what was judged before, as the signal does. Resolves when the value is in force;
   * listeners may still be at work.
   *
   * @throws ConfigError `ERR_CONFIG_CLOSED`
   */
  reload(): Promise<LookOutcome>;
  /**
   * Listen. Each listener is told of everything in order, once each; one that
   * returns a promise is told of the next when that has settled, and holds
   * nobody else up. What it throws is reported, and changes nothing.
   *
   * @returns a handle that takes the listener out again
   * @throws ConfigError `ERR_CONFIG_OPTION`
   */
  on<Name extends keyof ConfigEvents<Value>>(name: Name, listener: ConfigEvents<Value>[Name]): Disposable;
  /** Watch no longer: the value stays, nobody is told of anything any more. Closing it twice does nothing. */
  close(): void;
}
