import { jsonPresenter } from './json.js';
import { linesPresenter } from './lines.js';
import { LivePresenter } from './live.js';
import type { Presenter, Printer } from './presenter.js';

/** The one that suits who watches: a program, a person, or a log. */
export function presenterFor(what: string, json: boolean, out: Printer, err: Printer): Presenter {
  if (json) return jsonPresenter(out);
  const dumb = process.env['TERM'] === 'dumb';
  return out.isTTY === true && !dumb
    ? new LivePresenter(what, out, process.env)
    : linesPresenter(what, out, err);
}
