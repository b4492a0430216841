import { isGracefulError } from '../errors.js';
import type { Clock } from './clock.js';
import type { Lifecycle, StopOptions } from './lifecycle.js';
import type { Emit, LifecycleEvents } from './lifecycle-events.js';
import { giveUpExitCode, watchSignals } from './signals.js';
import { watchUncaught } from './uncaught.js';

/** What ties a lifecycle to its process. */
export interface ProcessTies {
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly emit: Emit<LifecycleEvents>;
  readonly leave: (reason: string, options?: StopOptions) => void;
  readonly signals: readonly NodeJS.Signals[];
  readonly uncaughtErrors: boolean;
  readonly exit: ((code: number) => void) | false;
  /** Nobody writes down what was thrown. */
  readonly silent: boolean;
}

/** End the process by the user's own way; if that fails, by Node's: a process that has left must not stay. */
export function leaveProcess(exit: (code: number) => void, code: number): void {
  try {
    exit(code);
  } catch (error) {
    print(error);
    process.exit(1);
  }
}

/** Let signals and uncaught errors begin the shutdown, until disposed. */
export function tieToProcess(ties: ProcessTies): Disposable {
  const { lifecycle, clock, emit, leave, exit } = ties;
  const signals = watchSignals(ties.signals, clock, {
    stopping: () => lifecycle.stopping,
    stop: (signal, options) => {
      emit('signal', { signal, first: true });
      leave(signal, options);
    },
    further: (signal) => lifecycle.noteSignal(signal),
    giveUp: () => {
      lifecycle.noteSignal('SIGINT');
      if (exit !== false) leaveProcess(exit, giveUpExitCode);
    },
  });
  const uncaught = ties.uncaughtErrors
    ? watchUncaught((error, origin) => onUncaught(ties, error, origin))
    : undefined;
  return {
    [Symbol.dispose]: () => {
      signals[Symbol.dispose]();
      uncaught?.[Symbol.dispose]();
    },
  };
}

function onUncaught({ lifecycle, emit, leave, silent }: ProcessTies, error: unknown, origin: string): void {
  // A start that a signal overtook, as when listen() comes after it: no fault of the service.
  const overtaken = isGracefulError(error) && error.code === 'ERR_GRACEFUL_SHUTDOWN_BEGUN';
  if (overtaken && lifecycle.stopping) {
    emit('error', { error, from: origin });
    return;
  }
  // Node would have printed it.
  if (silent) print(error);
  leave(origin);
  lifecycle.noteError(error, origin);
}

/**
 * Where nobody reads standard error any more this fails a moment later. That
 * would be the next uncaught error, to be printed as well, and so on: the event
 * loop would not turn any more.
 */
function print(error: unknown): void {
  if (!process.stderr.listeners('error').includes(ignore)) process.stderr.on('error', ignore);
  console.error(error);
}

function ignore(): void {}
