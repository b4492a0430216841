import type { HandoverError, HandoverErrorCode, Outcome } from '@graceful/handover/control';

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

/** The last of them: somebody answers, but it is no supervisor. */
const nobodyAnswers: readonly HandoverErrorCode[] = [
  'ERR_HANDOVER_CONTROL_NOBODY',
  'ERR_HANDOVER_CONTROL_LOST',
  'ERR_HANDOVER_CONTROL_ANSWER',
];

/** An error of the control client, as what became of the request. */
export function resultOf({ code, message }: HandoverError): Result {
  const done = nobodyAnswers.includes(code) ? 'nobody' : 'refused';
  return { done, code, message: message.slice(code.length + 2) };
}
