import { jsonLine } from '../printable.js';
import type { Printer } from '../presenter.js';
import type { WaitPresenter } from './wait-presenter.js';

/** For programs: one JSON object a line for each look at a target, the last of them with `done`. */
export function waitJson(out: Printer): WaitPresenter {
  const print = (value: unknown) => void out.write(`${jsonLine(value)}\n`);
  return { progress: print, end: print };
}
