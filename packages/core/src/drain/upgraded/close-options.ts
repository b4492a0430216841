import { GracefulError, shown } from '../../errors.js';
import { expectDuration, expectKnownKeys, expectName, expectObject } from '../../expect.js';

/** How clients are sent away. */
export interface CloseOptions {
  /**
   * What it is called in the report; unique under one graceful.
   *
   * @defaultValue 'websockets', 'socket.io'
   */
  readonly name?: string;
  /**
   * The code of the close frame: 1000 to 1003, 1007 to 1014, 3000 to 4999.
   *
   * @defaultValue 1001, "going away" (RFC 6455, section 7.4.1)
   */
  readonly code?: number;
  /**
   * The reason in the close frame, of at most 123 bytes as UTF-8.
   *
   * @defaultValue ''
   */
  readonly reason?: string;
  /**
   * The close frames are spread evenly over this time, in milliseconds, from
   * the moment the service stops accepting connections.
   *
   * @defaultValue 100 ms for each client, and at most `drain.spreadMs`
   */
  readonly spreadMs?: number;
  /**
   * How long a client may take to answer the close frame once everything has
   * been sent to it, in milliseconds. Then it is cut, and counts as dropped.
   *
   * @defaultValue 2_000
   */
  readonly closeMs?: number;
}

/** {@link CloseOptions} with the defaults filled in. */
export interface ResolvedCloseOptions {
  readonly name: string;
  readonly code: number;
  readonly reason: string;
  /** `undefined`: as many clients as there are need. */
  readonly spreadMs: number | undefined;
  readonly closeMs: number;
}

/** A control frame holds 125 bytes, and the code takes two of them (RFC 6455, section 5.5). */
const longestReason = 123;

/**
 * @throws {@link GracefulError} `ERR_GRACEFUL_OPTION`
 */
export function resolveCloseOptions(options: CloseOptions, defaultName: string): ResolvedCloseOptions {
  expectObject('the options', options);
  expectKnownKeys('the options', options, ['name', 'code', 'reason', 'spreadMs', 'closeMs']);
  const { name = defaultName, code = 1001, reason = '', spreadMs, closeMs = 2_000 } = options;
  expectName('`name`', name);
  if (!isCloseCode(code)) {
    throw new GracefulError(
      'ERR_GRACEFUL_OPTION',
      `Expected \`code\` to be a code that a close frame may carry (1000 to 1003, 1007 to 1014, 3000 to 4999), got ${shown(code)}.`,
    );
  }
  if (typeof reason !== 'string' || Buffer.byteLength(reason) > longestReason) {
    throw new GracefulError(
      'ERR_GRACEFUL_OPTION',
      `Expected \`reason\` to be a string of at most ${longestReason} bytes, got ${
        typeof reason === 'string' ? `one of ${Buffer.byteLength(reason)}` : shown(reason)
      }.`,
    );
  }
  if (spreadMs !== undefined) expectDuration('`spreadMs`', spreadMs);
  expectDuration('`closeMs`', closeMs);
  return { name, code, reason, spreadMs, closeMs };
}

/** The others are reserved, or mean that there was no close frame (RFC 6455, section 7.4). */
function isCloseCode(code: unknown): boolean {
  if (!Number.isInteger(code)) return false;
  const number = code as number;
  return (
    (number >= 1000 && number <= 1003) ||
    (number >= 1007 && number <= 1014) ||
    (number >= 3000 && number <= 4999)
  );
}
