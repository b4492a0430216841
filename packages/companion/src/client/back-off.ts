/** The first wait and the longest, in milliseconds. */
const firstMs = 100;
const longestMs = 5_000;

/** How long to wait before each further try. Spread, so that all services of a pod do not come at once. */
export class BackOff {
  readonly #random: () => number;
  #tries = 0;

  /** @param random - from 0 to 1; given, so that its test knows */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** The next wait: twice the last, of which up to the half is chance. */
  nextMs(): number {
    const ms = Math.min(firstMs * 2 ** this.#tries, longestMs);
    if (ms < longestMs) this.#tries++;
    return ms / 2 + (ms / 2) * this.#random();
  }

  /** It went well: begin anew. */
  reset(): void {
    this.#tries = 0;
  }
}

/** A connection that has lasted so long went well. */
export const provenMs: number = longestMs;
