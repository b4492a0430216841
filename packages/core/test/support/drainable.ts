import type { Activity, Drainable } from '../../src/drain/drainable.js';

/** A drainable that notes what it is asked, and is done when the test says so. */
export class FakeDrainable implements Drainable {
  readonly name: string;
  /** What it was asked, with the instant on the fake clock. */
  readonly asked: [step: string, atMs: number][] = [];
  pending = 0;
  lastArrivalAt = -Infinity;
  readonly #bornAt = performance.now();
  readonly #whenDrained = deferred();

  constructor(name: string, overrides: Partial<Drainable> = {}) {
    this.name = name;
    Object.assign(this, overrides);
  }

  get steps(): string[] {
    return this.asked.map(([step]) => step);
  }

  lameDuck(): void {
    this.#note('lameDuck');
  }

  stopAccepting(): void | Promise<void> {
    this.#note('stopAccepting');
  }

  drained(): Promise<void> {
    this.#note('drained');
    return this.#whenDrained.promise;
  }

  force(): number | Promise<number> {
    this.#note('force');
    return this.pending;
  }

  activity(): Activity {
    return { pending: this.pending, lastArrivalAt: this.lastArrivalAt };
  }

  /** Its last piece of work is done. */
  done(): this {
    this.pending = 0;
    this.#whenDrained.resolve();
    return this;
  }

  #note(step: string): void {
    this.asked.push([step, performance.now() - this.#bornAt]);
  }
}

/** `Promise.withResolvers`, which Node 20 does not have. */
export function deferred<T = void>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (reason?: unknown) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (reason?: unknown) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
