import { CompanionError } from './companion-error.js';

/** The longest that a timer of Node can wait: 2^31 - 1 ms, about 24.8 days. Above it fires at once. */
const longestTimerMs = 2_147_483_647;

/** A mistake in an option: what was expected, and what came. */
export function wrong(expected: string, got: unknown): CompanionError {
  const shown = typeof got === 'string' || Array.isArray(got) ? JSON.stringify(got) : String(got);
  return new CompanionError('ERR_COMPANION_OPTION', `Expected ${expected}, got ${shown}.`);
}

/** A duration in milliseconds. */
export function duration(name: string, value: unknown, defaultMs: number): number {
  if (value === undefined) return defaultMs;
  if (typeof value === 'number' && value >= 0 && value <= longestTimerMs) return value;
  throw wrong(`\`${name}\` to be a number of milliseconds from 0 to ${longestTimerMs}`, value);
}

/** An option that nobody knows is most often one that was misspelt. */
export function knownKeys(what: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== 'object' || value === null) throw wrong(`${what} to be an object`, value);
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) throw wrong(`${what} to have no other keys than ${known.join(', ')}`, key);
  }
}
