import type { ProgressEvent } from '@graceful/handover/control';
import type { Result } from '../exit-code.js';
import { jsonPresenter } from './json.js';
import { linesPresenter } from './lines.js';
import { LivePresenter } from './live.js';

/** Where something is printed to. */
export interface Printer {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Shows how a request comes along. */
export interface Presenter {
  /** Something happened on the way. */
  event(event: ProgressEvent): void;
  /** It is over. */
  end(result: Result): void;
  /** Whoever watched goes; what was asked for goes on. */
  leave?(): void;
}

/** The one that suits who watches: a program, a person, or a log. */
export function presenterFor(what: string, json: boolean, out: Printer, err: Printer): Presenter {
  if (json) return jsonPresenter(out);
  const dumb = process.env['TERM'] === 'dumb';
  return out.isTTY === true && !dumb
    ? new LivePresenter(what, out, process.env)
    : linesPresenter(what, out, err);
}
