/**
 * What keeps a run from beginning. `ERR_CONFORMANCE_OPTION`: an option is not
 * what it should be. `ERR_CONFORMANCE_START`: the command did not become
 * ready. `ERR_CONFORMANCE_REQUEST`: a request is not, while nobody leaves,
 * what the options say of it.
 */
export type ConformanceErrorCode =
  | 'ERR_CONFORMANCE_OPTION'
  | 'ERR_CONFORMANCE_START'
  | 'ERR_CONFORMANCE_REQUEST';

/** A run could not begin; that a service loses requests is no error but a result. */
export class ConformanceError extends Error {
  /** Tells it apart where classes do not, as with two copies of this package. */
  override readonly name = 'ConformanceError';
  /** Stable. */
  readonly code: ConformanceErrorCode;

  constructor(code: ConformanceErrorCode, message: string, options?: ErrorOptions) {
    // The code stands first because many tools show nothing but the message.
    super(`${code}: ${message}`, options);
    this.code = code;
  }
}
