import type { TargetOutcome } from '@graceful/companion/wait';
import { duration } from '../duration.js';
import { printable } from '../printable.js';
import type { WaitEnd } from './wait-presenter.js';

/** How it is with a target, in words. */
export function targetWords(outcome: TargetOutcome): string {
  const target = printable(outcome.target);
  if (outcome.state === 'missing') return `${target}: ${printable(outcome.because)}`;
  return outcome.found === undefined ? target : `${target}: ${printable(outcome.found)}`;
}

/** How it ended, in words. */
export function endWords(end: WaitEnd): string {
  const missing = end.targets.filter(({ state }) => state === 'missing').length;
  const took = duration(end.durationMs);
  const left = `${missing} of ${end.targets.length} missing`;
  switch (end.done) {
    case 'ok':
      return `wait done in ${took}`;
    case 'failed':
      return `wait failed (${end.code}): ${left} after ${took}`;
    case 'interrupted':
      return `wait ended by ${end.code}: ${left} after ${took}`;
  }
}
