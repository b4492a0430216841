import type { Logger } from '@graceful/core';

/** What is asked of a stream that a log is written to. */
interface Destination {
  write(text: string): unknown;
  on(event: 'error', listener: () => void): unknown;
  listeners(event: 'error'): unknown[];
}

/** The levels of pino, which collectors of logs know. */
const levels = { info: 30, warn: 40, error: 50 } as const;

/** A line of JSON each, as pino writes it. */
export function jsonLog(destination: Destination): Logger {
  // Whoever read the log may have gone; that must end nobody.
  if (!destination.listeners('error').includes(ignore)) destination.on('error', ignore);
  const method = (level: keyof typeof levels) => (fields: object, message: string) => {
    const shown = Object.entries(fields).map(([key, value]: [string, unknown]) => [key, shownValue(value)]);
    const line = {
      level: levels[level],
      time: Date.now(),
      component: 'companion',
      ...Object.fromEntries(shown),
      msg: message,
    };
    destination.write(`${JSON.stringify(line)}\n`);
  };
  return { info: method('info'), warn: method('warn'), error: method('error') };
}

function shownValue(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, stack } = value;
  return { type: name, message, stack };
}

function ignore(): void {}
