/**
 * Every code that an error of this package can carry, with its meaning. Codes
 * are part of the API: some may be added, none is renamed or reused.
 */
export const companionErrorCodes = {
  ERR_COMPANION_OPTION: 'an option is not what it should be',
  ERR_COMPANION_TARGET: 'what is to be waited for is not a target',
  ERR_COMPANION_WAIT_TIMEOUT: 'what was waited for did not come in time',
  ERR_COMPANION_CONTROL: 'the control socket cannot be made',
  ERR_COMPANION_LISTEN: 'a port cannot be bound',
  ERR_COMPANION_RECEIPTS: 'a file of receipts cannot be read',
  ERR_COMPANION_NOBODY: 'no companion answers at the control socket',
  ERR_COMPANION_DENIED: 'the control socket is not for this user',
  ERR_COMPANION_LOST: 'the companion ended, or fell silent, before it answered',
  ERR_COMPANION_ANSWER: 'what answers at the control socket is no companion',
  ERR_COMPANION_REFUSED: 'the companion does not do what it was asked for',
} as const;

/** A code from the table {@link companionErrorCodes}. */
export type CompanionErrorCode = keyof typeof companionErrorCodes;

/** An error that a caller can act on: what was expected, what came, what to do; its `code` is stable. */
export class CompanionError extends Error {
  /** Tells it apart where classes do not, as with two copies of this package. */
  override readonly name = 'CompanionError';
  /** Stable. */
  readonly code: CompanionErrorCode;

  constructor(code: CompanionErrorCode, message: string, options?: ErrorOptions) {
    // The code stands first because many tools show nothing but the message.
    super(`${code}: ${message}`, options);
    this.code = code;
  }
}
