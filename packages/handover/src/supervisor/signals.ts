import type { Supervisor } from './supervisor.js';

/** A second press of Ctrl-C within this time is the first one, heard twice; in milliseconds. */
const samePressMs = 500;

/** Whoever read our output has gone; that is no reason to end a service. */
function ignore(): void {}

/**
 * What signals mean to a supervisor: SIGTERM, SIGQUIT and SIGHUP end the
 * service in order, SIGUSR2 upgrades it. Ctrl-C ends it, too; pressed again it
 * ends everything at once with 130.
 */
export function obeySignals(supervisor: Supervisor, exit: (code: number) => void): Disposable {
  let interruptedAt: number | undefined;
  const handlers: Partial<Record<NodeJS.Signals, () => void>> = {
    SIGUSR2: () => void supervisor.upgrade(),
    SIGINT: () => {
      const now = performance.now();
      if (interruptedAt !== undefined && now - interruptedAt > samePressMs) {
        supervisor.kill();
        exit(130);
      }
      interruptedAt ??= now;
      void supervisor.end('SIGINT');
    },
  };
  for (const signal of ['SIGTERM', 'SIGQUIT', 'SIGHUP'] as const)
    handlers[signal] = () => void supervisor.end(signal);
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
  process.stdout.on('error', ignore);
  process.stderr.on('error', ignore);
  return {
    [Symbol.dispose]: () => {
      for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler);
      process.stdout.off('error', ignore);
      process.stderr.off('error', ignore);
    },
  };
}
