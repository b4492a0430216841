import { messageOf } from '../message-of.js';
import type { Inheritance } from './messages.js';

/** The longest line that carries what is handed on, in bytes. */
export const longestInheritanceLine: number = 16 * 1024 * 1024;
/** It may be half as much again in its escaped form, and there is more in the line. */
const longestInheritance = longestInheritanceLine / 2;

/**
 * What cannot be said in one line cannot be handed on.
 *
 * @throws TypeError for what JSON cannot carry, RangeError for what is too long
 */
export function assertInheritable(inheritance: Inheritance): void {
  const bytes = bytesOf(inheritance);
  if (bytes <= longestInheritance) return;
  throw new RangeError(
    `it has ${bytes} bytes, more than ${longestInheritance}; write it to a file, and hand on its path`,
  );
}

function bytesOf(inheritance: Inheritance): number {
  try {
    return Buffer.byteLength(JSON.stringify(inheritance));
  } catch (cause) {
    throw new TypeError(`it is no JSON value: ${messageOf(cause)}`, { cause });
  }
}
