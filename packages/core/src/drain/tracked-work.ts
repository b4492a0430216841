import type { Activity, Drainable } from './drainable.js';

/** Promises that the user handed to `graceful.track()`: work that is not HTTP. */
export class TrackedWork implements Drainable {
  readonly name = 'tracked work';
  readonly #pending = new Set<Promise<unknown>>();
  #lastArrivalAt = -Infinity;
  #onEmpty: (() => void) | undefined;
  readonly #onRejected: (error: unknown) => void;

  /** @param onRejected - told of work that failed: nobody else may be listening to a promise that was only tracked */
  constructor(onRejected: (error: unknown) => void) {
    this.#onRejected = onRejected;
  }

  /** Count `work` until it settles, either way. Returns it, so that the call can stand around an expression. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#pending.add(work);
    this.#lastArrivalAt = performance.now();
    const done = () => {
      this.#pending.delete(work);
      if (this.#pending.size === 0) this.#onEmpty?.();
    };
    work.then(done, (error: unknown) => {
      done();
      this.#onRejected(error);
    });
    return work;
  }

  /** Its callers decide what is still begun: a request in flight may well start more. So it is drained after them. */
  stopAccepting(): void {}

  drained(): Promise<void> {
    if (this.#pending.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
    });
  }

  force(): number {
    const dropped = this.#pending.size;
    this.#pending.clear();
    return dropped;
  }

  activity(): Activity {
    return { pending: this.#pending.size, lastArrivalAt: this.#lastArrivalAt };
  }
}
