import type { InstanceUpdate } from '../protocol/wire.js';
import { BackOff } from './back-off.js';

/** What is said of a service: the update, and when the last request or connection came (on `performance.now()`'s clock). */
export interface Snapshot {
  readonly update: Omit<InstanceUpdate, 'lastArrivalMs'>;
  readonly lastArrivalAt?: number;
}

/** What a {@link Reporter} is made of. */
export interface ReporterParts {
  readonly snapshot: () => Snapshot;
  /** Whether it was taken. */
  readonly send: (update: InstanceUpdate) => Promise<boolean>;
}

/** The shortest time between two updates that tell of no more than figures, in milliseconds. */
export const coalesceMs = 100;

/**
 * Tells a companion how things are: what has changed, one update at a time,
 * the latest only. Nothing queues up behind a companion that is slow.
 */
export class Reporter {
  readonly #parts: ReporterParts;
  readonly #backOff = new BackOff();
  #timer: NodeJS.Timeout | undefined;
  /** What the companion has taken last; `undefined`: it knows nothing. */
  #known: string | undefined;
  #sending = false;
  #missed = false;
  /** No update before. */
  #pausedUntil = 0;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  /** Look for changes so often, in milliseconds; a companion that was not told anything yet is told at once. */
  start(everyMs: number): void {
    clearInterval(this.#timer);
    // Another companion may have come: what the one before was slow with says nothing of it.
    if (this.#known === undefined) this.#pausedUntil = 0;
    this.#timer = setInterval(() => this.#look(), everyMs).unref();
    this.#look();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#known = undefined;
  }

  /** The state has changed: say so now, or as soon as what is under way is done. */
  tell(): void {
    if (this.#timer === undefined) return;
    if (this.#sending) this.#missed = true;
    else void this.#send();
  }

  #look(): void {
    if (!this.#sending && performance.now() >= this.#pausedUntil) void this.#send();
  }

  async #send(): Promise<void> {
    const { update, lastArrivalAt } = this.#parts.snapshot();
    // How long ago that was changes with each look; when it was does not.
    const what = JSON.stringify([update, lastArrivalAt]);
    if (what === this.#known) return;
    this.#sending = true;
    this.#missed = false;
    const ago = lastArrivalAt === undefined ? undefined : Math.max(0, performance.now() - lastArrivalAt);
    const taken = await this.#parts.send({
      ...update,
      ...(ago !== undefined && { lastArrivalMs: Math.round(ago) }),
    });
    this.#sending = false;
    if (taken) this.#backOff.reset();
    this.#pausedUntil = performance.now() + (taken ? coalesceMs : this.#backOff.nextMs());
    if (this.#timer === undefined) return;
    if (taken) this.#known = what;
    if (this.#missed) await this.#send();
  }
}
