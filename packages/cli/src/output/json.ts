import type { Presenter, Printer } from './presenter.js';
import { jsonLine } from './printable.js';

/** For programs: one JSON object a line, the last of them with `done`. */
export function jsonPresenter(out: Printer): Presenter {
  const print = (value: unknown) => out.write(`${jsonLine(value)}\n`);
  return { event: print, end: print };
}
