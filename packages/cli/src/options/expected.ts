import { InvalidArgumentError } from 'commander';

/** What was expected, and what came; commander puts the name of the option before it, and ends with 2. */
export function expected(what: string, got: string, quoted = true): InvalidArgumentError {
  return new InvalidArgumentError(`Expected ${what}, got ${quoted ? JSON.stringify(got) : got}.`);
}
