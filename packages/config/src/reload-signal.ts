import { isatty } from 'node:tty';

/**
 * Call `run` at each `signal`; the handle takes that back. SIGHUP has two
 * meanings (signal(7)): daemons read their configuration again, and a terminal
 * says with it that it has gone. In the second case a process that somebody
 * started there by hand should end, as it would without us.
 */
export function onReloadSignal(signal: NodeJS.Signals, run: () => void): Disposable {
  const hadTerminal = signal === 'SIGHUP' && isatty(0);
  const onSignal = () => {
    if (!hadTerminal || isatty(0)) return run();
    process.off(signal, onSignal);
    process.kill(process.pid, signal);
  };
  process.on(signal, onSignal);
  return { [Symbol.dispose]: () => void process.off(signal, onSignal) };
}
