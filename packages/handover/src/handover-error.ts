/**
 * Every code that an error of this package can carry, with its meaning. Codes
 * are part of the API: some may be added, none is renamed or reused.
 */
export const handoverErrorCodes = {
  ERR_HANDOVER_OPTION: 'an option is not what it should be',
  ERR_HANDOVER_ENVIRONMENT: 'the variables that a generation is started with are incomplete or wrong',
  ERR_HANDOVER_LISTEN: 'a socket cannot be bound for the service',
  ERR_HANDOVER_CONTROL_TAKEN: 'the path of the control socket is in use, or not to be replaced',
  ERR_HANDOVER_CONTROL_UNSAFE: 'somebody else could get at the control socket',
  ERR_HANDOVER_CONTROL_LISTEN: 'the control socket cannot be made',
  ERR_HANDOVER_CONTROL_NOBODY: 'no supervisor answers at the control socket',
  ERR_HANDOVER_CONTROL_DENIED: 'the control socket is that of another user',
  ERR_HANDOVER_CONTROL_LOST: 'the supervisor ended before it answered',
  ERR_HANDOVER_CONTROL_ANSWER: 'what answers at the control socket is no supervisor, or refuses to tell',
} as const;

/** A code from the table {@link handoverErrorCodes}. */
export type HandoverErrorCode = keyof typeof handoverErrorCodes;

/** An error that a caller can act on: what was expected, what came, what to do; its `code` is stable. */
export class HandoverError extends Error {
  /** Tells it apart where classes do not, as with two copies of this package. */
  override readonly name = 'HandoverError';
  /** Stable. */
  readonly code: HandoverErrorCode;

  constructor(code: HandoverErrorCode, message: string, options?: ErrorOptions) {
    // The code stands first because many tools show nothing but the message.
    super(`${code}: ${message}`, options);
    this.code = code;
  }
}
