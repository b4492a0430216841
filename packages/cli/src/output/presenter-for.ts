import { jsonPresenter } from './json.js';
import { linesPresenter } from './lines.js';
import { LivePresenter } from './live.js';
import type { Presenter, Printer } from './presenter.js';
import { watcherOf } from './watcher.js';

/** The one that suits who watches: a program, a person, or a log. */
export function presenterFor(what: string, json: boolean, out: Printer, err: Printer): Presenter {
  switch (watcherOf(json, out)) {
    case 'program':
      return jsonPresenter(out);
    case 'person':
      return new LivePresenter(what, out, process.env);
    case 'log':
      return linesPresenter(what, out, err);
  }
}
