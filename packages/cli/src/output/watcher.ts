import type { Printer } from './presenter.js';

/** Who reads what is printed. */
export type Watcher = 'program' | 'person' | 'log';

export function watcherOf(json: boolean, out: Printer): Watcher {
  if (json) return 'program';
  return out.isTTY === true && process.env['TERM'] !== 'dumb' ? 'person' : 'log';
}
