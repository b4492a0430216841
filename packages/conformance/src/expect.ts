import { ConformanceError } from './conformance-error.js';

/** The longest that a timer of Node can wait. */
const longestTimerMs = 2_147_483_647;

/** @throws {@link ConformanceError} `ERR_CONFORMANCE_OPTION` */
export function unexpected(expected: string, got: unknown): never {
  throw new ConformanceError('ERR_CONFORMANCE_OPTION', `Expected ${expected}, got ${shown(got)}.`);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? `an array of ${value.length}` : 'an object';
  return String(value);
}

export function expectDuration(what: string, value: unknown, leastMs = 0): asserts value is number {
  if (typeof value !== 'number' || !(value >= leastMs && value <= longestTimerMs)) {
    unexpected(`${what} to be a number of milliseconds from ${leastMs} to ${longestTimerMs}`, value);
  }
}

export function expectPort(what: string, value: unknown): asserts value is number {
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > 65_535) {
    unexpected(`${what} to be a whole number from 1 to 65535`, value);
  }
}

export function expectCount(what: string, value: unknown): asserts value is number {
  if (!Number.isInteger(value) || (value as number) < 1)
    unexpected(`${what} to be a whole number from 1 on`, value);
}

export function expectText(what: string, value: unknown): asserts value is string {
  if (typeof value !== 'string' || value === '')
    unexpected(`${what} to be a string that is not empty`, value);
}

export function expectBoolean(what: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') unexpected(`${what} to be true or false`, value);
}

/** A path as it goes over the wire: what is not, would be a request that no server understands. */
export function expectPath(what: string, value: unknown): asserts value is string {
  if (typeof value !== 'string' || !/^\/[^\s#]*$/.test(value))
    unexpected(`${what} to be a path that begins with "/"`, value);
}

export function expectObject(what: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    unexpected(`${what} to be an object`, value);
}

export function expectTexts(what: string, value: unknown): asserts value is readonly string[] {
  if (
    !Array.isArray(value) ||
    value.length === 0 ||
    value.some((text) => typeof text !== 'string' || text === '')
  )
    unexpected(`${what} to be an array of strings, none of them empty`, value);
}

/** Strings by name, as headers and environments are. */
export function expectTextByName(
  what: string,
  value: unknown,
): asserts value is Readonly<Record<string, string>> {
  expectObject(what, value);
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string' || /[\r\n\0]/.test(text))
      unexpected(`${what}.${name} to be a string of one line`, text);
  }
}

/** An option that nobody knows is most often one that was misspelt. */
export function expectKnownKeys(what: string, value: object, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) unexpected(`${what} to have no other keys than ${known.join(', ')}`, key);
  }
}

export function expectOneOf(what: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) unexpected(`${what} to be one of ${known.join(', ')}`, value);
}
