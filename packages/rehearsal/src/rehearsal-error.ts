/**
 * Every code that an error of this package can carry, with its meaning. Codes
 * are part of the API: some may be added, none is renamed or reused.
 */
export const rehearsalErrorCodes = {
  ERR_REHEARSAL_SPEC: 'a pod, a service or a deployment is not described as Kubernetes would take it',
  ERR_REHEARSAL_UNSUPPORTED: 'a field that Kubernetes knows, and this emulation does not',
  ERR_REHEARSAL_START: 'a container cannot be started',
  ERR_REHEARSAL_PROGRESS: 'a deployment made no progress within its deadline',
  ERR_REHEARSAL_GONE: 'what was asked for needs a pod that has not ended',
} as const;

/** A code from the table {@link rehearsalErrorCodes}. */
export type RehearsalErrorCode = keyof typeof rehearsalErrorCodes;

/** An error that a caller can act on: what was expected, what came, what to do; its `code` is stable. */
export class RehearsalError extends Error {
  /** Tells it apart where classes do not, as with two copies of this package. */
  override readonly name = 'RehearsalError';
  /** Stable. */
  readonly code: RehearsalErrorCode;

  constructor(code: RehearsalErrorCode, message: string, options?: ErrorOptions) {
    // The code stands first because many tools show nothing but the message.
    super(`${code}: ${message}`, options);
    this.code = code;
  }
}
