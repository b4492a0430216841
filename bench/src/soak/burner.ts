import { Worker } from 'node:worker_threads';

/** Keeps one core busy. */
export class Burner implements Disposable {
  readonly #worker = new Worker('for (;;) Math.sqrt(2);', { eval: true });

  [Symbol.dispose](): void {
    void this.#worker.terminate();
  }
}
