import { GracefulError, shown } from './errors.js';

/** The longest that a timer of Node can wait: 2^31 - 1 ms, about 24.8 days. Above it fires at once. */
export const longestTimerMs = 2_147_483_647;

function wrong(expected: string, got: unknown): never {
  throw new GracefulError('ERR_GRACEFUL_OPTION', `Expected ${expected}, got ${shown(got)}.`);
}

/** A duration in milliseconds: a finite number from 0 to what a timer can wait. */
export function expectDuration(what: string, value: unknown): asserts value is number {
  if (typeof value !== 'number' || !(value >= 0 && value <= longestTimerMs)) {
    wrong(`${what} to be a number of milliseconds from 0 to ${longestTimerMs}`, value);
  }
}

export function expectFunction(what: string, value: unknown): void {
  if (typeof value !== 'function') wrong(`${what} to be a function`, value);
}

export function expectName(what: string, value: unknown): asserts value is string {
  if (typeof value !== 'string' || value === '') wrong(`${what} to be a string that is not empty`, value);
}

/** What a server is called: others find it among inherited sockets by that, so that it is what systemd allows (FileDescriptorName= of systemd.socket(5)). */
export function expectServerName(what: string, value: unknown): asserts value is string {
  if (typeof value !== 'string' || !/^[ -9;-~]{1,255}$/.test(value))
    wrong(`${what} to be a string of 1 to 255 printable ASCII characters without a colon`, value);
}

export function expectObject(what: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    wrong(`${what} to be an object`, value);
}

/** A TCP port; 0 asks the system for a free one. */
export function expectPort(what: string, value: unknown): asserts value is number {
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > 65_535) {
    wrong(`${what} to be a whole number from 0 to 65535`, value);
  }
}

/** An option that nobody knows is most often one that was misspelt, and would be missed at the first deploy. */
export function expectKnownKeys(what: string, value: object, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) wrong(`${what} to have no other keys than ${known.join(', ')}`, key);
  }
}
