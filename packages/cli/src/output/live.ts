import type { ProgressEvent } from '@graceful/handover/control';
import type { Result } from '../exit-code.js';
import { duration } from './duration.js';
import type { Presenter, Printer } from './presenter.js';
import { again, refreshMs, Terminal } from './terminal.js';
import { eventWords, endOf, resultWords } from './words.js';

/** For people: a line for each stage, the last of them alive until the next begins. */
export class LivePresenter implements Presenter {
  readonly #what: string;
  readonly #terminal: Terminal;
  readonly #begun = performance.now();
  readonly #timer: NodeJS.Timeout;
  #stage: { readonly words: string; readonly begun: number } | undefined;

  constructor(what: string, out: Printer, environment: NodeJS.ProcessEnv) {
    this.#what = what;
    this.#terminal = new Terminal(out, environment);
    this.#timer = setInterval(() => this.#draw(), refreshMs);
  }

  event(event: ProgressEvent): void {
    const end = endOf(event);
    if (end) {
      this.#finishStage(end === 'failed' ? this.#terminal.wrong : this.#terminal.done);
    } else if (event.event === 'stage') {
      this.#finishStage(this.#terminal.done);
      this.#stage = { words: eventWords(event), begun: performance.now() };
    } else {
      this.#terminal.write(`${again}    ${this.#terminal.cut(eventWords(event), 4)}\n`);
    }
    this.#draw();
  }

  end(result: Result): void {
    clearInterval(this.#timer);
    const ok = result.done === 'ok';
    const mark = ok ? this.#terminal.done : this.#terminal.wrong;
    this.#finishStage(mark);
    // Whole, though it wraps: the reason is what is looked for.
    this.#terminal.write(
      `${again}${mark} ${resultWords(this.#what, result, performance.now() - this.#begun)}\n`,
    );
  }

  leave(): void {
    clearInterval(this.#timer);
    this.#terminal.write(`\n${this.#what} goes on; "graceful status" tells how it comes along\n`);
  }

  #draw(): void {
    const stage = this.#stage;
    if (!stage) return;
    this.#terminal.turn();
    this.#terminal.write(`${again}${this.#stageLine(this.#terminal.running, stage)}`);
  }

  #finishStage(mark: string): void {
    if (this.#stage) this.#terminal.write(`${again}${this.#stageLine(mark, this.#stage)}\n`);
    this.#stage = undefined;
  }

  #stageLine(mark: string, { words, begun }: { words: string; begun: number }): string {
    const took = duration(performance.now() - begun);
    return `  ${mark} ${this.#terminal.cut(words, 7 + took.length)}  ${took}`;
  }
}
