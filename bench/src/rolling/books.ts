/** What became of everything that all clients asked. */
export class Books {
  /** Answered whole, with 2xx. */
  answered = 0;
  /** Of those, how many were asked with a body. */
  posted = 0;
  /** Answered whole with something else, a 503 of the proxy among them. */
  refused = 0;
  /** Asked, and not answered whole. */
  lost = 0;
  /** Connections that clients opened to the proxy. */
  connections = 0;
  #waiting: { readonly count: number; readonly resolve: () => void } | undefined;

  get all(): number {
    return this.answered + this.refused + this.lost;
  }

  answer(status: number, posted: boolean): void {
    if (status >= 200 && status < 300) {
      this.answered += 1;
      if (posted) this.posted += 1;
    } else {
      this.refused += 1;
    }
    this.#look();
  }

  lose(): void {
    this.lost += 1;
    this.#look();
  }

  /** Resolves when so many requests have come to an end, good or bad; one caller at a time. */
  ends(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { count, resolve };
      this.#look();
    });
  }

  #look(): void {
    if (this.#waiting && this.all >= this.#waiting.count) this.#waiting.resolve();
  }
}
