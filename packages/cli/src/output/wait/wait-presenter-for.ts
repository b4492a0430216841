import type { Printer } from '../presenter.js';
import { watcherOf } from '../watcher.js';
import { waitJson } from './wait-json.js';
import { waitLines } from './wait-lines.js';
import { WaitLive } from './wait-live.js';
import type { WaitPresenter } from './wait-presenter.js';

/** The one that suits who watches. */
export function waitPresenterFor(
  targets: readonly string[],
  json: boolean,
  out: Printer,
  err: Printer,
): WaitPresenter {
  switch (watcherOf(json, out)) {
    case 'program':
      return waitJson(out);
    case 'person':
      return new WaitLive(targets, out, process.env);
    case 'log':
      return waitLines(out, err);
  }
}
