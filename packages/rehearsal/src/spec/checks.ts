import { RehearsalError } from '../rehearsal-error.js';

/** A mistake in what was given: what was expected, and what came. */
export function wrong(expected: string, got: unknown): RehearsalError {
  return new RehearsalError('ERR_REHEARSAL_SPEC', `Expected ${expected}, got ${shown(got)}.`);
}

/** Something of Kubernetes that is not here. */
export function unsupported(what: string, instead: string): RehearsalError {
  return new RehearsalError(
    'ERR_REHEARSAL_UNSUPPORTED',
    `Expected no ${what}: it is not emulated. ${instead}`,
  );
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null)
    return `an object with ${Object.keys(value).join(', ') || 'nothing'}`;
  return String(value);
}

/** A field that nobody knows is most often one that was misspelt. */
export function known(what: string, value: unknown, keys: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(`${what} to be an object`, value);
  for (const key of Object.keys(value)) {
    if (!keys.includes(key)) throw wrong(`${what} to have no other fields than ${keys.join(', ')}`, key);
  }
}

export function list(what: string, value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrong(`${what} to be an array`, value);
  return value;
}

/** A whole number of at least `least`; the API takes no others. */
export function whole(what: string, value: unknown, least: number, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
  throw wrong(`${what} to be a whole number from ${least} on`, value);
}

/** A DNS label (RFC 1123), as names of containers and pods are. */
export function label(what: string, value: unknown): string {
  if (typeof value === 'string' && /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(value)) return value;
  throw wrong(`${what} to be a DNS label: up to 63 of a-z, 0-9 and -`, value);
}

export function text(what: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw wrong(`${what} to be a string that is not empty`, value);
}

export function words(what: string, value: unknown): readonly string[] {
  const found = list(what, value);
  if (found.every((word) => typeof word === 'string')) return found;
  throw wrong(`${what} to be an array of strings`, value);
}

export function oneOf<T extends string>(
  what: string,
  value: unknown,
  choices: readonly T[],
  otherwise: T,
): T {
  if (value === undefined) return otherwise;
  if (choices.includes(value as T)) return value as T;
  throw wrong(`${what} to be one of ${choices.join(', ')}`, value);
}
