import type { Instance } from './balancer.js';
import type { Line } from './line.js';

/** When a connection was opened, and to whom. */
interface Opening {
  readonly at: number;
  readonly instance: Instance;
}

/** What all clients of a run saw together. */
export class Books {
  readonly #openings: Opening[] = [];
  readonly #open = new Set<Line>();
  #leaver: Instance | undefined;
  #closesAt = Infinity;
  /** Requests written whole and not answered whole. */
  lost = 0;
  /**
   * Connections that met a closed door. Where they are many some are reset, not refused: the kernel had let
   * them in and the process had not. No client has heard a word on them, and none has been handed to a handler.
   */
  refused = 0;

  /** `instance` closes its door at `closesAt`, by `performance.now()`, or later. */
  leaves(instance: Instance, closesAt: number): void {
    this.#leaver = instance;
    this.#closesAt = closesAt;
  }

  opened(line: Line): void {
    this.#openings.push({ at: performance.now(), instance: line.instance });
    this.#open.add(line);
  }

  closed(line: Line): void {
    this.#open.delete(line);
  }

  /** A request on `line` will not be answered. */
  unanswered(line: Line): void {
    const atTheDoor = line.answers === 0 && line.instance === this.#leaver;
    if (!line.connected || (atTheDoor && performance.now() >= this.#closesAt)) this.refused++;
    else this.lost++;
  }

  /** Connections that are open now. */
  openTo(instance: Instance): number {
    return [...this.#open].filter((line) => line.instance === instance).length;
  }

  /** Connections opened since `since`; only those to `instance`, if one is named. */
  openedSince(since: number, instance?: Instance): number {
    return this.#openings.filter((one) => one.at >= since && (instance ?? one.instance) === one.instance)
      .length;
  }

  /** The most connections opened within any `windowMs` since `since`. */
  mostOpenedWithin(windowMs: number, since: number): number {
    const times = this.#openings.map(({ at }) => at).filter((at) => at >= since);
    let most = 0;
    let first = 0;
    times.forEach((at, index) => {
      while ((times[first] ?? at) <= at - windowMs) first++;
      most = Math.max(most, index - first + 1);
    });
    return most;
  }
}
