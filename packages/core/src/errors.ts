/**
 * Every code that an error of this project can carry, with its meaning.
 * Codes are part of the API: some may be added, none is renamed or reused.
 * `docs/errors.md` is held against this table by a test.
 */
export const errorCodes = {
  ERR_GRACEFUL_OPTION: 'an option or argument is not what it should be',
  ERR_GRACEFUL_PHASE: 'a hook names a phase that does not exist',
  ERR_GRACEFUL_DUPLICATE_HOOK: 'two hooks have the same name',
  ERR_GRACEFUL_DUPLICATE_CHECK: 'two checks have the same name',
  ERR_GRACEFUL_DUPLICATE_DRAINABLE: 'two drainables have the same name',
  ERR_GRACEFUL_HOOK_UNKNOWN: 'a hook comes after one that was never registered',
  ERR_GRACEFUL_HOOK_CYCLE: 'hooks wait for each other in a circle, or for one of a later phase',
  ERR_GRACEFUL_PORT_IN_USE: 'the address to listen on is taken',
  ERR_GRACEFUL_LISTEN: 'the server cannot listen on the address',
  ERR_GRACEFUL_INHERITED: 'the sockets that the process was given are not what the environment says of them',
  ERR_GRACEFUL_SERVER: 'the server is of a kind that cannot be drained, or is attached already',
  ERR_GRACEFUL_SHUTDOWN_BEGUN: 'the call came after the shutdown began',
  ERR_GRACEFUL_MIDDLEWARE_TWICE: 'the middleware or plugin is used twice',
  ERR_GRACEFUL_FRAMEWORK: 'the framework is of a version that this adapter does not support',
} as const;

/** A code from the table {@link errorCodes}. */
export type GracefulErrorCode = keyof typeof errorCodes;

/**
 * An error that a caller can act on: its message says what was expected,
 * what came, and what to do; its `code` is stable.
 */
export class GracefulError extends Error {
  /** Tells it apart where classes do not, as with two copies of this package. */
  override readonly name = 'GracefulError';
  /** Stable; listed in `docs/errors.md`. */
  readonly code: GracefulErrorCode;

  constructor(code: GracefulErrorCode, message: string, options?: ErrorOptions) {
    // The code stands first because many tools show nothing but the message.
    super(`${code}: ${message}`, options);
    this.code = code;
  }
}

/** Like `instanceof GracefulError`, but also true for an error from another copy of this package. */
export function isGracefulError(value: unknown): value is GracefulError {
  return value instanceof Error && value.name === 'GracefulError' && 'code' in value;
}

/** How a wrong value is shown in a message: short, and with its type where the value alone misleads. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value)
      ? `an array of ${value.length}`
      : `an object (${value.constructor?.name ?? 'no prototype'})`;
  }
  return String(value);
}
