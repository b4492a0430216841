/** Runs once when it has been quiet for a while, or when it has not been for too long. Holds no event loop. */
export class Debounce implements Disposable {
  readonly #quietMs: number;
  readonly #longestMs: number;
  readonly #run: () => void;
  #timer: NodeJS.Timeout | undefined;
  #since = 0;

  /**
   * @param quietMs - how long nobody must have called, in milliseconds
   * @param longestMs - when to run at the latest, after the first call, in milliseconds
   */
  constructor(quietMs: number, longestMs: number, run: () => void) {
    this.#quietMs = quietMs;
    this.#longestMs = longestMs;
    this.#run = run;
  }

  call(): void {
    const now = performance.now();
    if (this.#timer === undefined) this.#since = now;
    clearTimeout(this.#timer);
    const latestMs = this.#since + this.#longestMs - now;
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, Math.min(this.#quietMs, latestMs)));
    this.#timer.unref();
  }

  #fire(): void {
    this.#timer = undefined;
    this.#run();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
