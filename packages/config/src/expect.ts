import { constants } from 'node:os';
import { ConfigError } from './config-error.js';

/** The longest that a timer of Node can wait: 2^31 - 1 ms, about 24.8 days. Above it fires at once. */
const longestTimerMs = 2_147_483_647;

/** A mistake in an option: what was expected, and what came. */
export function wrong(expected: string, got: unknown): ConfigError {
  return new ConfigError('ERR_CONFIG_OPTION', `Expected ${expected}, got ${shown(got)}.`);
}

/** Short, and without what is in it: an option may hold what nobody should read in a log. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null)
    return `an object (${value.constructor?.name ?? 'no prototype'})`;
  return String(value);
}

/** A duration in milliseconds. */
export function duration(name: string, value: unknown, defaultMs: number): number {
  if (value === undefined) return defaultMs;
  if (typeof value === 'number' && value >= 0 && value <= longestTimerMs) return value;
  throw wrong(`\`${name}\` to be a number of milliseconds from 0 to ${longestTimerMs}`, value);
}

export function expectObject(what: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(`${what} to be an object`, value);
}

export function expectFunction(what: string, value: unknown): void {
  if (typeof value !== 'function') throw wrong(`${what} to be a function`, value);
}

/** An option that nobody knows is most often one that was misspelt. */
export function expectKnownKeys(what: string, value: object, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) throw wrong(`${what} to have no other keys than ${known.join(', ')}`, key);
  }
}

/** Signals that cannot be handled, that Node keeps, or that say something else already. */
const taken = [
  'SIGKILL',
  'SIGSTOP',
  'SIGUSR1',
  'SIGTERM',
  'SIGINT',
  'SIGCHLD',
  'SIGPROF',
  'SIGSEGV',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
];

export function expectSignal(what: string, value: unknown): void {
  if (typeof value === 'string' && value in constants.signals && !taken.includes(value)) return;
  throw wrong(`${what} to be a signal that means nothing else yet, such as "SIGHUP", or false`, value);
}
