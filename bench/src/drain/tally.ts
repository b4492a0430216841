/** What became of the requests of one scenario. */
export class Tally {
  /** Written whole, and answered whole with 2xx. */
  answered = 0;
  /** Written whole, and answered whole with something else (a 503 of a server that closes). */
  turnedAway = 0;
  /** Written whole, and not answered whole. */
  lost = 0;
  /** When the last of all that happened, by `performance.now()`. */
  lastAt = 0;

  answer(status: number): void {
    if (status < 300) this.answered += 1;
    else this.turnedAway += 1;
    this.happened();
  }

  lose(): void {
    this.lost += 1;
    this.happened();
  }

  happened(): void {
    this.lastAt = performance.now();
  }
}
