import { constants } from 'node:os';
import type { Exit, Failure } from '../generation/state.js';

/** What a shell says of a program that is not there. */
export const notFound = 127;

/** What a shell would say: the code, or 128 and the number of the signal; the first that is not 0. */
export function exitCodeOf(exits: readonly Exit[]): number {
  for (const { code, signal } of exits) {
    if (signal) return 128 + constants.signals[signal];
    if (code) return code;
  }
  return 0;
}

/** Of a service that never came up: its own code where it went by itself, for all else 1. */
export function exitCodeOfFailure(code: Failure['code'], exits: readonly Exit[]): number {
  return code === 'exit' ? exitCodeOf(exits) || 1 : 1;
}
