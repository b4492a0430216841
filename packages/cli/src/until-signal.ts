import { constants } from 'node:os';

/** A signal that ended a command before its work was done. */
export class SignalEnd extends Error {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`ended by ${signal}`);
    this.signal = signal;
  }

  /** As shells have it. */
  get exitCode(): number {
    return 128 + constants.signals[this.signal];
  }
}

/**
 * Is aborted with a {@link SignalEnd} when this process is told to end. Make
 * it first of all: as PID 1 a process without a handler never hears of SIGTERM.
 */
export function untilSignal(): AbortSignal {
  const end = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.once(signal, () => end.abort(new SignalEnd(signal)));
  }
  return end.signal;
}
