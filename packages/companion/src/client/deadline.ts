import type { Graceful } from '@graceful/core';

/**
 * When the companion says that everything must be over. Kept until the service
 * leaves: a service keeps a deadline for good, and a companion may take one back.
 */
export class Deadline {
  readonly #graceful: Graceful;
  readonly #onPassed: () => void;
  /** On `performance.now()`'s clock. */
  #at = Infinity;
  #timer: NodeJS.Timeout | undefined;
  #leaving = false;

  /** @param onPassed - it has passed, and the service does not leave */
  constructor(graceful: Graceful, onPassed: () => void) {
    this.#graceful = graceful;
    this.#onPassed = onPassed;
  }

  /** Only ever nearer. */
  set(remainingMs: number): void {
    const at = performance.now() + remainingMs;
    if (at >= this.#at) return;
    this.#at = at;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#passed(), remainingMs).unref();
    if (this.#leaving) this.#apply();
  }

  /** The service leaves: from now on it is meant. */
  leaving(): void {
    this.#leaving = true;
    if (this.#at !== Infinity) this.#apply();
  }

  forget(): void {
    this.#at = Infinity;
    clearTimeout(this.#timer);
  }

  #apply(): void {
    this.#graceful.shortenDeadline(Math.max(0, this.#at - performance.now()));
  }

  #passed(): void {
    if (this.#leaving) return;
    this.forget();
    this.#onPassed();
  }
}
