import type { Clock } from '../../src/pod/clock.js';

/** Time that goes on when a test says so. */
export class FakeClock implements Clock {
  #now = 1_000;

  monotonicMs(): number {
    return this.#now;
  }

  wallMs(): number {
    return Date.parse('2026-11-21T12:00:00Z') + this.#now;
  }

  pass(ms: number): void {
    this.#now += ms;
  }
}
