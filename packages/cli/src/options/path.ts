import { resolve } from 'node:path';
import { expected } from './expected.js';

/**
 * A parser for the path of `what`; a relative one begins where the command does.
 *
 * @throws InvalidArgumentError with what was expected
 */
export function pathOf(what: string): (text: string) => string {
  return (text) => {
    if (text === '' || text.includes('\0')) throw expected(`the path of ${what}`, text);
    return resolve(text);
  };
}
