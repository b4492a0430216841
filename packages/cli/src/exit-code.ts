import type { CompanionErrorCode } from '@graceful/companion/control';
import type { HandoverErrorCode, Outcome } from '@graceful/handover/control';

/** What a script can tell by. */
export const exitCode = {
  done: 0,
  /** It was tried and did not work; what served before still serves. */
  failed: 1,
  /** It was not tried: the supervisor does not do it now, or it was not asked in order. */
  refused: 2,
  /** Nobody answers. */
  nobody: 3,
  /** Ctrl-C, as shells have it: 128 and the number of SIGINT. */
  interrupted: 130,
} as const;

/** What became of a request, and of one that did not get as far as a supervisor. */
export interface Result {
  readonly done: Outcome['done'] | 'nobody';
  readonly code?: string;
  readonly message?: string;
}

export function exitCodeOf({ done }: Result): number {
  return { ok: exitCode.done, failed: exitCode.failed, refused: exitCode.refused, nobody: exitCode.nobody }[
    done
  ];
}

/** The last of each: somebody answers, but it is no supervisor, and no companion. */
const nobodyAnswers: readonly string[] = [
  'ERR_HANDOVER_CONTROL_NOBODY',
  'ERR_HANDOVER_CONTROL_LOST',
  'ERR_HANDOVER_CONTROL_ANSWER',
  'ERR_COMPANION_NOBODY',
  'ERR_COMPANION_LOST',
  'ERR_COMPANION_ANSWER',
] satisfies (CompanionErrorCode | HandoverErrorCode)[];

/** What the packages below throw for something that was asked for: it says what to do. Anything else is a defect. */
export interface KnownError extends Error {
  readonly code: string;
}

/** By name: errors of `@graceful/core` come up as they are, and there may be two copies of a package. */
export function isKnown(error: unknown): error is KnownError {
  return (
    error instanceof Error &&
    ['HandoverError', 'CompanionError', 'GracefulError'].includes(error.name) &&
    typeof (error as Partial<KnownError>).code === 'string'
  );
}

/** An error, as what became of the request. */
export function resultOf({ code, message }: KnownError): Result {
  const done = nobodyAnswers.includes(code) ? 'nobody' : 'refused';
  return { done, code, message: message.slice(code.length + 2) };
}
