import type { Printer } from '../presenter.js';
import { duration } from '../duration.js';
import { endWords, targetWords } from './wait-words.js';
import type { WaitPresenter } from './wait-presenter.js';

/**
 * For logs: a line when a target has come, and when the reason why it has not
 * is another one; not for each try, of which there may be thousands.
 */
export function waitLines(out: Printer, err: Printer): WaitPresenter {
  const told = new Map<string, string>();
  return {
    progress(progress) {
      const words = targetWords(progress);
      if (progress.state === 'there') {
        out.write(`wait: there after ${duration(progress.afterMs)}: ${words}\n`);
      } else if (told.get(progress.target) !== words) {
        told.set(progress.target, words);
        out.write(`wait: not yet: ${words}\n`);
      }
    },
    end(end) {
      const to = end.done === 'ok' ? out : err;
      for (const one of end.targets) {
        if (one.state === 'missing') to.write(`wait: missing: ${targetWords(one)} (${triesOf(one.tries)})\n`);
      }
      to.write(`${endWords(end)}\n`);
    },
  };
}

function triesOf(count: number): string {
  return count === 1 ? '1 try' : `${count} tries`;
}
