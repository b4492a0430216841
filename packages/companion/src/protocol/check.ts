import { Refused } from './refused.js';
import { limits } from './wire.js';

/** The longest that is shown of what came. */
const mostShown = 60;

/** A field that is not what it should be: the request is understood, and refused. */
export function invalid(expected: string, got: unknown): Refused {
  return new Refused('invalid', `expected ${expected}, got ${shown(got)}`);
}

/** What came, short: it may be anything, and of any length. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text;
}

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(what: string, value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw invalid(`${what} to be a JSON object`, value);
}

/**
 * A field that nobody knows is most often one that was misspelt. A client of a
 * later version says so in `version`, and is refused for that.
 */
export function onlyFields(what: string, fields: Fields, known: readonly string[]): void {
  for (const key of Object.keys(fields)) {
    if (known.includes(key)) continue;
    throw new Refused(
      'invalid',
      `expected ${what} to have no other fields than ${known.join(', ')}, got ${shown(key)}`,
    );
  }
}

/** What a container, and so an instance, may be called: a label of RFC 1123, and the like. */
const names = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;

export function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= limits.nameLength && names.test(value);
}

export function nameOf(what: string, value: unknown): string {
  if (isName(value)) return value;
  throw invalid(
    `${what} to be 1 to ${limits.nameLength} letters, digits, "-", "_" and ".", with a letter or digit at both ends`,
    value,
  );
}

export function countOf(what: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw invalid(`${what} to be a whole number from 0 on`, value);
}

export function millisecondsOf(what: string, value: unknown, mostMs: number): number {
  if (typeof value === 'number' && value >= 0 && value <= mostMs) return value;
  throw invalid(`${what} to be a number of milliseconds from 0 to ${mostMs}`, value);
}

export function flagOf(what: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw invalid(`${what} to be true or false`, value);
}

export function textOf(what: string, value: unknown, mostCharacters: number): string {
  if (typeof value === 'string' && value.length <= mostCharacters) return value;
  throw invalid(`${what} to be text of at most ${mostCharacters} characters`, value);
}

export function oneOf<Value extends string>(what: string, value: unknown, values: readonly Value[]): Value {
  if ((values as readonly unknown[]).includes(value)) return value as Value;
  throw invalid(`${what} to be one of ${values.join(', ')}`, value);
}

/** @param what - in backticks, into which the index of a wrong item is put */
export function listOf<Item>(
  what: string,
  value: unknown,
  most: number,
  itemOf: (what: string, item: unknown) => Item,
): Item[] {
  if (Array.isArray(value) && value.length <= most) {
    return value.map((item: unknown, index) => itemOf(`${what.slice(0, -1)}[${index}]\``, item));
  }
  throw invalid(`${what} to be an array of at most ${most}`, value);
}

export function portOf(what: string, value: unknown): number {
  if (Number.isInteger(value) && (value as number) > 0 && (value as number) <= 65_535) return value as number;
  throw invalid(`${what} to be a port from 1 to 65535`, value);
}
