import type { ShutdownReport } from './report.js';

/** How long whoever is told before the exit may take, in milliseconds. */
const longestMs = 1_000;

/** What is done with the report between the end of the service and that of its process. */
export class Farewells {
  readonly #steps = new Set<(report: ShutdownReport) => Promise<void>>();

  add(step: (report: ShutdownReport) => Promise<void>): Disposable {
    this.#steps.add(step);
    return { [Symbol.dispose]: () => void this.#steps.delete(step) };
  }

  /** All at once; whoever fails, or takes too long, keeps nobody. */
  async say(report: ShutdownReport): Promise<void> {
    if (this.#steps.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, longestMs);
      void Promise.allSettled([...this.#steps].map(async (step) => step(report))).then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
