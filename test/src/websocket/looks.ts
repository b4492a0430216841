import { within } from '@graceful/conformance/client';

const patienceMs = 30_000;

/** Who waits for something to be so looks again each time that something has changed. */
export class Looks {
  readonly #waiting = new Set<{ readonly done: () => boolean; readonly resolve: () => void }>();

  /** Something has changed. */
  changed(): void {
    for (const { done, resolve } of this.#waiting) if (done()) resolve();
  }

  /** Resolves when `done`, or rejects when `failed` does. */
  async until(what: string, done: () => boolean, failed?: Promise<never>): Promise<void> {
    if (done()) return;
    let resolve!: () => void;
    const come = new Promise<void>((settle) => {
      resolve = settle;
    });
    const waiting = { done, resolve };
    this.#waiting.add(waiting);
    try {
      await within(patienceMs, what, failed ? Promise.race([come, failed]) : come);
    } finally {
      this.#waiting.delete(waiting);
    }
  }
}
