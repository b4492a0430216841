import type { Alarm, Clock } from './clock.js';

/** The one timer of a shutdown: it ends the step that the lifecycle is in, at a deadline that may move. */
export class StepTimer {
  readonly #clock: Clock;
  #alarm: Alarm | undefined;
  #controller = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begin a step, without a deadline yet: {@link move} gives it one. The signal is aborted when it is over. */
  begin(): AbortSignal {
    this.cancel();
    this.#controller = new AbortController();
    return this.#controller.signal;
  }

  /** Give the step a deadline, or another one; one that has passed ends the step now. */
  move(deadline: number): void {
    this.cancel();
    const { signal } = this.#controller;
    const remainingMs = deadline - this.#clock.now();
    if (remainingMs <= 0) this.#controller.abort();
    if (!signal.aborted) this.#alarm = this.#clock.after(remainingMs, () => this.#controller.abort());
  }

  cancel(): void {
    this.#alarm?.cancel();
  }
}
