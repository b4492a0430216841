import type { ProgressEvent } from '@graceful/handover/control';
import type { Result } from '../exit-code.js';
import { duration } from './duration.js';
import type { Presenter, Printer } from './presenter.js';
import { eventWords, endOf, resultWords } from './words.js';

/** Fast enough to be seen to live. */
const refreshMs = 100;

/** ECMA-48: to the first column, and erase to the end of the line. */
const again = '\r\u001B[K';

const unicode = {
  done: '✓',
  wrong: '✗',
  running: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
  more: '…',
};
const ascii = { done: '+', wrong: 'x', running: ['|', '/', '-', '\\'], more: '~' };

/** For people: a line for each stage, the last of them alive until the next begins. */
export class LivePresenter implements Presenter {
  readonly #what: string;
  readonly #out: Printer;
  readonly #symbols: typeof unicode;
  readonly #colours: boolean;
  readonly #begun = performance.now();
  readonly #timer: NodeJS.Timeout;
  #turn = 0;
  #stage: { readonly words: string; readonly begun: number } | undefined;

  constructor(what: string, out: Printer, environment: NodeJS.ProcessEnv) {
    this.#what = what;
    this.#out = out;
    const { LC_ALL, LC_CTYPE, LANG, NO_COLOR } = environment;
    this.#symbols = /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '') ? unicode : ascii;
    this.#colours = !NO_COLOR;
    this.#timer = setInterval(() => this.#draw(), refreshMs);
  }

  event(event: ProgressEvent): void {
    const end = endOf(event);
    if (end) {
      this.#finishStage(end === 'failed' ? this.#red(this.#symbols.wrong) : this.#green(this.#symbols.done));
    } else if (event.event === 'stage') {
      this.#finishStage(this.#green(this.#symbols.done));
      this.#stage = { words: eventWords(event), begun: performance.now() };
    } else {
      this.#out.write(`${again}    ${this.#cut(eventWords(event), 4)}\n`);
    }
    this.#draw();
  }

  end(result: Result): void {
    clearInterval(this.#timer);
    const ok = result.done === 'ok';
    const mark = ok ? this.#green(this.#symbols.done) : this.#red(this.#symbols.wrong);
    this.#finishStage(mark);
    // Whole, though it wraps: the reason is what is looked for.
    this.#out.write(`${again}${mark} ${resultWords(this.#what, result, performance.now() - this.#begun)}\n`);
  }

  leave(): void {
    clearInterval(this.#timer);
    this.#out.write(`\n${this.#what} goes on; "graceful status" tells how it comes along\n`);
  }

  #draw(): void {
    const stage = this.#stage;
    if (!stage) return;
    const { running } = this.#symbols;
    this.#turn = (this.#turn + 1) % running.length;
    this.#out.write(`${again}${this.#stageLine(running[this.#turn] ?? '', stage)}`);
  }

  #finishStage(mark: string): void {
    if (this.#stage) this.#out.write(`${again}${this.#stageLine(mark, this.#stage)}\n`);
    this.#stage = undefined;
  }

  #stageLine(mark: string, { words, begun }: { words: string; begun: number }): string {
    const took = duration(performance.now() - begun);
    return `  ${mark} ${this.#cut(words, 7 + took.length)}  ${took}`;
  }

  /** A line that wraps could not be drawn again in its place. */
  #cut(words: string, beside: number): string {
    // A pseudo-terminal that was never told its size says 0.
    const room = Math.max((this.#out.columns || 80) - beside, 8);
    return words.length > room ? `${words.slice(0, room - 1)}${this.#symbols.more}` : words;
  }

  #green(text: string): string {
    return this.#colours ? `\u001B[32m${text}\u001B[39m` : text;
  }

  #red(text: string): string {
    return this.#colours ? `\u001B[31m${text}\u001B[39m` : text;
  }
}
