import type { HandoverError, Outcome } from '@graceful/handover/control';

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

/** An error of the control client, as what became of the request. */
export function resultOf({ code, message }: HandoverError): Result {
  const words = message.slice(code.length + 2);
  switch (code) {
    case 'ERR_HANDOVER_CONTROL_NOBODY':
    case 'ERR_HANDOVER_CONTROL_LOST':
    // Somebody is there, but no supervisor.
    case 'ERR_HANDOVER_CONTROL_ANSWER':
      return { done: 'nobody', code, message: words };
    default:
      return { done: 'refused', code, message: words };
  }
}
