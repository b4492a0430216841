import { shown } from './check.js';
import { Refused } from './refused.js';

/** @throws Refused `malformed` */
export function jsonOf(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refused(
      'malformed',
      `expected ${what} to be JSON, got ${shown(text)}: ${(error as Error).message}`,
    );
  }
}
