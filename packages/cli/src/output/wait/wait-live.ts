import type { WaitProgress } from '@graceful/companion/wait';
import { duration } from '../duration.js';
import type { Printer } from '../presenter.js';
import { refreshMs, Terminal } from '../terminal.js';
import { endWords, targetWords } from './wait-words.js';
import type { WaitEnd, WaitPresenter } from './wait-presenter.js';

/** ECMA-48: so many lines up, to the first column, and erase from there to the end of the screen. */
const upAndErase = (lines: number) => (lines === 0 ? '\r\u001B[J' : `\u001B[${lines}A\r\u001B[J`);

/** For people: what has come stands, a line each; below it what has not, with the reason, alive. */
export class WaitLive implements WaitPresenter {
  readonly #terminal: Terminal;
  readonly #begun = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #missing: Map<string, string>;
  #drawn = 0;

  constructor(targets: readonly string[], out: Printer, environment: NodeJS.ProcessEnv) {
    this.#terminal = new Terminal(out, environment);
    this.#missing = new Map(targets.map((target) => [target, target]));
    this.#timer = setInterval(() => {
      this.#terminal.turn();
      this.#draw();
    }, refreshMs);
    this.#draw();
  }

  progress(progress: WaitProgress): void {
    if (progress.state === 'missing') {
      this.#missing.set(progress.target, targetWords(progress));
      this.#draw();
      return;
    }
    this.#missing.delete(progress.target);
    this.#draw([this.#line(this.#terminal.done, targetWords(progress), duration(progress.afterMs))]);
  }

  end(end: WaitEnd): void {
    clearInterval(this.#timer);
    const ok = end.done === 'ok';
    // Whole, though they wrap: the reasons are what is looked for.
    const missing = end.targets
      .filter(({ state }) => state === 'missing')
      .map((one) => `  ${this.#terminal.wrong} ${targetWords(one)}`);
    this.#missing.clear();
    this.#draw([...missing, `${ok ? this.#terminal.done : this.#terminal.wrong} ${endWords(end)}`]);
  }

  /** Draw what lives anew, below lines that stay. */
  #draw(stay: readonly string[] = []): void {
    const took = duration(performance.now() - this.#begun);
    const all = [...this.#missing.values()];
    // A line of its own for the cursor; what has scrolled away could not be erased.
    const room = Math.max(this.#terminal.rows - 1, 2);
    const shown = all.length > room ? all.slice(0, room - 1) : all;
    const living = shown.map((words) => this.#line(this.#terminal.running, words, took));
    if (shown.length < all.length) living.push(`    and ${all.length - shown.length} more`);
    const text = [...stay, ...living].map((line) => `${line}\n`).join('');
    this.#terminal.write(`${upAndErase(this.#drawn)}${text}`);
    this.#drawn = living.length;
  }

  #line(mark: string, words: string, took: string): string {
    return `  ${mark} ${this.#terminal.cut(words, 7 + took.length)}  ${took}`;
  }
}
