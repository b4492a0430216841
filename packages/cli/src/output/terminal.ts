import type { Printer } from './presenter.js';

/** ECMA-48: to the first column, and erase to the end of the line. */
export const again = '\r\u001B[K';

const unicode = {
  done: '✓',
  wrong: '✗',
  running: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
  more: '…',
};
const ascii = { done: '+', wrong: 'x', running: ['|', '/', '-', '\\'], more: '~' };

/** Fast enough to be seen to live, in milliseconds. */
export const refreshMs = 100;

/** What a live view is written to: its signs, its colours, and how much fits on it. */
export class Terminal {
  readonly #out: Printer;
  readonly #symbols: typeof unicode;
  readonly #colours: boolean;
  #turn = 0;

  constructor(out: Printer, environment: NodeJS.ProcessEnv) {
    this.#out = out;
    const { LC_ALL, LC_CTYPE, LANG, NO_COLOR } = environment;
    this.#symbols = /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '') ? unicode : ascii;
    this.#colours = !NO_COLOR;
  }

  get done(): string {
    return this.#coloured(32, this.#symbols.done);
  }

  get wrong(): string {
    return this.#coloured(31, this.#symbols.wrong);
  }

  /** The sign of what is under way, as it stands now. */
  get running(): string {
    return this.#symbols.running[this.#turn] ?? '';
  }

  /** How many lines fit on it. */
  get rows(): number {
    // A pseudo-terminal that was never told its size says 0.
    return this.#out.rows || 24;
  }

  write(text: string): void {
    this.#out.write(text);
  }

  /** The next picture of the sign of what is under way. */
  turn(): void {
    this.#turn = (this.#turn + 1) % this.#symbols.running.length;
  }

  /** What fits on a line beside `beside` characters: one that wraps could not be drawn again in its place. */
  cut(words: string, beside: number): string {
    const room = Math.max((this.#out.columns || 80) - beside, 8);
    return words.length > room ? `${words.slice(0, room - 1)}${this.#symbols.more}` : words;
  }

  #coloured(colour: number, text: string): string {
    return this.#colours ? `\u001B[${colour}m${text}\u001B[39m` : text;
  }
}
