import { CompanionError } from '../companion-error.js';
import type { TargetOutcome } from './progress.js';

/** Not all was there in time. */
export class WaitError extends CompanionError {
  /** Each target in the order it was given, with what became of it. */
  readonly targets: readonly TargetOutcome[];

  constructor(timeoutMs: number, targets: readonly TargetOutcome[]) {
    const missing = targets.filter((one) => one.state === 'missing');
    super(
      'ERR_COMPANION_WAIT_TIMEOUT',
      `Expected ${targets.length === 1 ? 'it' : `all ${targets.length}`} to be there within ${timeoutMs} ms, got ${missing.length} missing: ` +
        `${missing.map(({ target, because }) => `${target}: ${because}`).join('; ')}.`,
    );
    this.targets = targets;
  }
}
