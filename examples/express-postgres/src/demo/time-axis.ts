/** The width of the picture, in characters. */
export const columns = 64;

/** Where an instant is drawn: the picture begins with the load and ends with the exit. */
export class TimeAxis {
  readonly #from: number;
  readonly #msPerColumn: number;

  constructor(from: number, to: number) {
    this.#from = from;
    this.#msPerColumn = (to - from) / columns;
  }

  column(at: number): number {
    return Math.max(0, Math.min(columns - 1, Math.floor((at - this.#from) / this.#msPerColumn)));
  }

  /** How many of these instants fall into each column. */
  histogram(instants: Iterable<number>): number[] {
    const counts = Array.from({ length: columns }, () => 0);
    for (const at of instants) counts[this.column(at)]! += 1;
    return counts;
  }

  /** How many of these spans of time touch each column. */
  overlaps(spans: Iterable<readonly [from: number, to: number]>): number[] {
    const counts = Array.from({ length: columns }, () => 0);
    for (const [from, to] of spans) {
      for (let column = this.column(from); column <= this.column(to); column += 1) counts[column]! += 1;
    }
    return counts;
  }

  /** Words under or over the picture, each at its instant, as far as there is room: the first ones have it first. */
  labels(words: Iterable<readonly [at: number, word: string]>): string {
    let line = ' '.repeat(columns);
    for (const [at, word] of words) {
      const from = Math.min(this.column(at), columns - word.length);
      const to = from + word.length;
      if (line.slice(Math.max(0, from - 1), to + 1).trim() !== '') continue;
      line = line.slice(0, from) + word + line.slice(to);
    }
    return line.trimEnd();
  }
}

const eighths = Array.from(' ▁▂▃▄▅▆▇█');

/** A bar per number, the largest of them as high as a line; what is not zero is seen. */
export function sparkline(numbers: readonly number[]): string {
  const largest = Math.max(1, ...numbers);
  return numbers.map((number) => eighths[Math.ceil((number / largest) * 8)]).join('');
}
