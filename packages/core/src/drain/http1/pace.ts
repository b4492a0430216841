/** So many clients are told at once, and so many who have just come: a few who come straight back harm nobody. */
const few = 32;

/**
 * When clients are told across the lame-duck. One that was told connects
 * anew, and as long as balancers have not noticed it may come back here.
 *
 * - Those who were there when it began are told one after the other, evenly
 *   over a span. A turn is one's own: if whoever asks next were told, the busy
 *   would use up the turns of those who seldom ask, and are hard to reach.
 * - Those who come meanwhile are told with their first answer, but no faster
 *   than that. A proxy that chooses an instance for each request would open a
 *   connection for each, until it has noticed.
 */
export class Pace {
  readonly #begunAt = performance.now();
  readonly #overMs: number;
  /** At which part of the span each of those who were there is told, from 0 to 1. */
  readonly #turns = new WeakMap<object, number>();
  /** How many of those who come may be told in the time of a span. */
  readonly #comersPerSpan: number;
  #comers = few;
  #comersAt = this.#begunAt;
  #ended = false;

  /**
   * @param connections - those that are there
   * @param overMs - the span, in milliseconds; `0`: everybody is told, from now on
   */
  constructor(connections: Iterable<object>, overMs: number) {
    this.#overMs = overMs;
    const there = [...connections];
    there.forEach((connection, index) => {
      this.#turns.set(connection, there.length <= few ? 0 : index / there.length);
    });
    this.#comersPerSpan = Math.max(few, there.length);
  }

  /** Whether the client of `connection` may be told now. One that came meanwhile then counts as told. */
  next(connection: object): boolean {
    if (this.#ended || this.#overMs === 0) return true;
    const now = performance.now();
    const turn = this.#turns.get(connection);
    return turn === undefined ? this.#nextComer(now) : now - this.#begunAt >= turn * this.#overMs;
  }

  /** The lame-duck is over, sooner perhaps than it was planned: from now on everybody is told. */
  end(): void {
    this.#ended = true;
  }

  #nextComer(now: number): boolean {
    const more = ((now - this.#comersAt) / this.#overMs) * this.#comersPerSpan;
    this.#comers = Math.min(few, this.#comers + more);
    this.#comersAt = now;
    if (this.#comers < 1) return false;
    this.#comers--;
    return true;
  }
}
