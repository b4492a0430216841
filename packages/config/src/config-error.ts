/**
 * Every code that an error of this package can carry, with its meaning. Codes
 * are part of the API: some may be added, none is renamed or reused.
 */
export const configErrorCodes = {
  ERR_CONFIG_OPTION: 'an option is not what it should be',
  ERR_CONFIG_MISSING: 'there is no such file or directory',
  ERR_CONFIG_UNREADABLE: 'what is there cannot be read',
  ERR_CONFIG_TOO_LARGE: 'there is more of it than `maxBytes`',
  ERR_CONFIG_PARSE: 'it is not in its format',
  ERR_CONFIG_INVALID: 'the schema refuses it',
  ERR_CONFIG_TIMEOUT: '`parse` and the schema took longer than `validateMs`',
  ERR_CONFIG_CLOSED: 'it is no longer watched',
} as const;

/** A code from the table {@link configErrorCodes}. */
export type ConfigErrorCode = keyof typeof configErrorCodes;

/** One thing that the schema refuses, in the schema's own words. */
export interface ConfigIssue {
  /** The way to it from the root, by property names and indexes; empty for the whole. */
  readonly path: readonly (string | number)[];
  /** In the words of the schema. */
  readonly message: string;
  /** The line that it is on, from 1 on, where that is known: in JSON. */
  readonly line: number | undefined;
}

/** Where in the file, and what else there is to say. */
export interface ConfigErrorDetails extends ErrorOptions {
  /** The file or directory. */
  readonly file?: string;
  /** From 1 on. */
  readonly line?: number;
  /** From 1 on. */
  readonly column?: number;
  /** What the schema refuses. */
  readonly issues?: readonly ConfigIssue[];
}

/** An error that a caller can act on: what was expected, what came, what to do; its `code` is stable. */
export class ConfigError extends Error {
  /** Tells it apart where classes do not, as with two copies of this package. */
  override readonly name = 'ConfigError';
  /** Stable. */
  readonly code: ConfigErrorCode;
  /** The file or directory; `undefined` for an option. */
  readonly file: string | undefined;
  /** Where its format is broken, from 1 on, if that is known. */
  readonly line: number | undefined;
  /** Where in that line, from 1 on, if that is known. */
  readonly column: number | undefined;
  /** What the schema refuses; empty for any other error. */
  readonly issues: readonly ConfigIssue[];

  constructor(code: ConfigErrorCode, message: string, details: ConfigErrorDetails = {}) {
    // The code stands first because many tools show nothing but the message.
    super(`${code}: ${message}`, details);
    this.code = code;
    this.file = details.file;
    this.line = details.line;
    this.column = details.column;
    this.issues = details.issues ?? [];
  }
}

/** Like `instanceof ConfigError`, but also true for an error from another copy of this package. */
export function isConfigError(value: unknown): value is ConfigError {
  return value instanceof Error && value.name === 'ConfigError' && 'code' in value;
}
