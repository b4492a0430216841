/**
 * Counts the turns of several clients, each of which asks before every turn
 * whether there have been enough. A client that has had more of them has come
 * to the end of whatever it was in the middle of: that can be waited for, and
 * a span of time in which it should have happened cannot, on a busy machine.
 */
export class Turns {
  readonly #turns: number[];
  #waiting: { readonly until: readonly number[]; readonly resolve: () => void } | undefined;
  #over = false;

  constructor(clients: number) {
    this.#turns = Array.from({ length: clients }, () => 0);
  }

  /** For the client of this number: one more turn begins, if there have not been enough. */
  enough(client: number): boolean {
    this.#turns[client] = (this.#turns[client] ?? 0) + 1;
    if (this.#waiting && this.#reached(this.#waiting.until)) this.#waiting.resolve();
    return this.#over;
  }

  /** Resolves when every client has begun so many turns more; one caller at a time. */
  more(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { until: this.#turns.map((turns) => turns + count), resolve };
    });
  }

  /** The turns that the clients are in are their last. */
  end(): void {
    this.#over = true;
  }

  #reached(until: readonly number[]): boolean {
    return this.#turns.every((turns, client) => turns >= (until[client] ?? 0));
  }
}
