import { isatty } from 'node:tty';
import type { Clock } from './clock.js';

/** What a signal means, by what came before it. */
export type SignalMeaning =
  /** The first: leave. From a terminal's Ctrl-C nothing balances towards this process. */
  | { readonly type: 'stop'; readonly skipLameDuck: boolean }
  /** The same press, delivered twice, as npm does for Ctrl-C. */
  | { readonly type: 'duplicate' }
  /** Noted, and changes nothing. */
  | { readonly type: 'further' }
  /** Ctrl-C once more: somebody at a terminal has had enough of waiting. */
  | { readonly type: 'give-up' };

/** Signals closer together than this are one press that was delivered more than once, in milliseconds. */
const duplicateMs = 500;

/** The code of a process that a terminal's Ctrl-C ended: 128 + SIGINT (POSIX shells). */
export const giveUpExitCode = 130;

/** Tells what each signal means. Pure but for what it remembers: the time is given to it. */
export class SignalReader {
  readonly #atTerminal: boolean;
  #stopping = false;
  readonly #lastAt = new Map<string, number>();
  #ctrlCAt: number | undefined;

  constructor(atTerminal: boolean) {
    this.#atTerminal = atTerminal;
  }

  read(signal: string, now: number, stopping: boolean): SignalMeaning {
    const lastAt = this.#lastAt.get(signal) ?? -Infinity;
    this.#lastAt.set(signal, now);
    const firstStop = !this.#stopping && !stopping;
    this.#stopping = true;
    const ctrlC = signal === 'SIGINT' && this.#atTerminal;
    if (ctrlC && this.#ctrlCAt !== undefined && now - this.#ctrlCAt > duplicateMs) return { type: 'give-up' };
    if (ctrlC) this.#ctrlCAt ??= now;
    if (firstStop) return { type: 'stop', skipLameDuck: ctrlC };
    return now - lastAt <= duplicateMs ? { type: 'duplicate' } : { type: 'further' };
  }
}

/** What is done when a signal comes. */
export interface SignalActions {
  readonly stopping: () => boolean;
  readonly stop: (signal: string, options: { skipLameDuck: boolean }) => void;
  readonly further: (signal: string) => void;
  readonly giveUp: () => void;
}

/**
 * Listen to `signals` until disposed. Other listeners, such as an APM
 * agent's, are neither removed nor counted. Works as PID 1 too, where the
 * kernel ignores a signal without a handler (pid_namespaces(7)).
 */
export function watchSignals(
  signals: readonly NodeJS.Signals[],
  clock: Clock,
  actions: SignalActions,
  atTerminal: boolean = isatty(0),
): Disposable {
  const reader = new SignalReader(atTerminal);
  const onSignal = (signal: NodeJS.Signals) => {
    const meaning = reader.read(signal, clock.now(), actions.stopping());
    switch (meaning.type) {
      case 'stop':
        return actions.stop(signal, meaning);
      case 'further':
        return actions.further(signal);
      case 'give-up':
        return actions.giveUp();
      case 'duplicate':
        return;
    }
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
