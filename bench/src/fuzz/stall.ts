import { readFileSync } from 'node:fs';

/** How often to look, in milliseconds. */
const everyMs = 10;

/**
 * For how long the machine has kept the clients or a service from running:
 * at once, as this process sees by its own clock, or little by little, as
 * Linux tells. What clients do in milliseconds says nothing then.
 */
export class StallWatch implements Disposable {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  readonly #ownMs = waitedMs('self');
  readonly #theirsMs: number;
  #lookedAt = performance.now();
  #theirs: number;
  #longestMs = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#theirsMs = waitedMs(pid);
    this.#theirs = this.#theirsMs;
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** The longest wait at once, in milliseconds. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** All waits of both processes together, in milliseconds. */
  get totalMs(): number {
    return waitedMs('self') - this.#ownMs + (this.#theirs - this.#theirsMs);
  }

  #look(): void {
    const now = performance.now();
    this.#longestMs = Math.max(this.#longestMs, now - this.#lookedAt - everyMs);
    this.#lookedAt = now;
    // One that has ended has no file any more.
    this.#theirs = Math.max(this.#theirs, waitedMs(this.#pid));
  }
}

/** How long the first thread of a process has waited for a processor, in milliseconds; 0 where there is no Linux. */
function waitedMs(pid: number | 'self'): number {
  try {
    const [, nanoseconds] = readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ');
    return Number(nanoseconds) / 1e6;
  } catch {
    return 0;
  }
}
