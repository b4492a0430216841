import type { Outcome, Progress, ProgressEvent } from './target.js';

/**
 * A {@link Progress} for whoever makes it: `tell` what happens, `settle` what
 * became of it. What is told before anybody looks waits for them.
 */
export class Progression implements Progress {
  /** What was told; for one reader, who takes each away. */
  readonly events: AsyncIterable<ProgressEvent>;
  /** What it was settled with. */
  readonly done: Promise<Outcome>;
  readonly #told: ProgressEvent[] = [];
  #over = false;
  #wake: () => void = () => {};
  #resolve!: (outcome: Outcome) => void;
  #reject!: (error: Error) => void;

  constructor() {
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever watches only the events is not to be ended by what became of it.
    this.done.catch(() => {});
    this.events = { [Symbol.asyncIterator]: () => this.#each() };
  }

  /** Something that is over before it began. */
  static settled(outcome: Outcome): Progression {
    const progression = new Progression();
    progression.settle(outcome);
    return progression;
  }

  /** After the end it is lost. */
  tell(event: ProgressEvent): void {
    if (this.#over) return;
    this.#told.push(event);
    this.#wake();
  }

  /** The first outcome counts. */
  settle(outcome: Outcome): void {
    this.#end();
    this.#resolve(outcome);
  }

  /** Nobody knows what became of it: for whoever watches from afar. */
  lose(error: Error): void {
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    this.#over = true;
    this.#wake();
  }

  async *#each(): AsyncGenerator<ProgressEvent> {
    for (;;) {
      const next = this.#told.shift();
      if (next) yield next;
      else if (this.#over) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
