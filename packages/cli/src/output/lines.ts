import type { Presenter, Printer } from './presenter.js';
import { eventWords, endOf, resultWords } from './words.js';

/** For logs: one line for each thing that happens; what went wrong goes to where errors go. */
export function linesPresenter(what: string, out: Printer, err: Printer): Presenter {
  const begun = performance.now();
  return {
    event(event) {
      if (!endOf(event)) out.write(`${what}: ${eventWords(event)}\n`);
    },
    end(result) {
      const to = result.done === 'ok' ? out : err;
      to.write(`${resultWords(what, result, performance.now() - begun)}\n`);
    },
    leave: () => void err.write(`${what} goes on; "graceful status" tells how it comes along\n`),
  };
}
