import type { Clock } from '../lifecycle/clock.js';

/** A question about something the service cannot do without. Fails by throwing or rejecting, with anything. */
export type Check = (context: { readonly signal: AbortSignal }) => unknown;

/** How a check is asked. */
export interface CheckOptions {
  /**
   * After so long without an answer it has failed, in milliseconds.
   *
   * @defaultValue 1_000
   */
  readonly timeoutMs?: number;
  /**
   * It is asked anew so long after its last answer, in milliseconds, in the
   * background: a probe is answered from memory.
   *
   * @defaultValue 5_000
   */
  readonly everyMs?: number;
  /**
   * An answer older than this no longer counts, in milliseconds: the probe then waits for a new one.
   *
   * @defaultValue three times `everyMs`, and `timeoutMs`
   */
  readonly staleMs?: number;
}

/** What a check came to. It bears no message: a probe's body must not tell secrets. */
export interface CheckResult {
  /** Whether what was asked for is there. */
  readonly status: 'pass' | 'fail';
  /** Why it failed: it threw or rejected, or gave no answer in time. */
  readonly cause?: 'failed' | 'timed out';
  /** What it threw or rejected with; for the log, never for a probe's body. */
  readonly error?: unknown;
}

/** What checks tell whoever watches them. */
export interface CheckEvents {
  /** A check had its first result, or turned from passing to failing or back. */
  check: CheckResult & { readonly name: string };
}

interface Answer {
  readonly result: CheckResult;
  readonly at: number;
}

/**
 * One check: asked by one caller at a time, remembered, and asked anew in the
 * background. A run that does not end is abandoned at its timeout; while it
 * has not settled no other is begun beside it, so that a database that hangs
 * does not collect queries, but for at most `staleMs`, so that a check can
 * recover from a promise that never settles.
 */
export class CheckRunner {
  readonly #check: Check;
  readonly #options: Required<CheckOptions>;
  readonly #clock: Clock;
  readonly #onAnswer: (result: CheckResult, previous: CheckResult | undefined) => void;
  #last: Answer | undefined;
  #running: Promise<CheckResult> | undefined;
  /** The newest run that did not end in time, while it has not settled. */
  #abandoned: { readonly run: AbortController; readonly at: number } | undefined;

  constructor(
    check: Check,
    options: Required<CheckOptions>,
    clock: Clock,
    onAnswer: (result: CheckResult, previous: CheckResult | undefined) => void,
  ) {
    this.#check = check;
    this.#options = options;
    this.#clock = clock;
    this.#onAnswer = onAnswer;
  }

  /** The last result, whatever its age. */
  get last(): CheckResult | undefined {
    return this.#last?.result;
  }

  /** A result that still counts: from memory, or by asking. Never rejects. */
  result(): Promise<CheckResult> {
    const last = this.#last;
    const fresh = last !== undefined && this.#clock.now() - last.at <= this.#options.staleMs;
    return fresh ? Promise.resolve(last.result) : this.ask();
  }

  /** Ask now, or join whoever is asking. Never rejects. */
  ask(): Promise<CheckResult> {
    if (this.#running) return this.#running;
    if (this.#hangs()) return Promise.resolve(this.#answer({ status: 'fail', cause: 'timed out' }));
    this.#running = this.#run().then((result) => {
      this.#running = undefined;
      return this.#answer(result);
    });
    return this.#running;
  }

  #hangs(): boolean {
    return this.#abandoned !== undefined && this.#clock.now() - this.#abandoned.at < this.#options.staleMs;
  }

  #run(): Promise<CheckResult> {
    return new Promise((resolve) => {
      const controller = new AbortController();
      const alarm = this.#clock.inBackground(this.#options.timeoutMs, () => {
        this.#abandoned = { run: controller, at: this.#clock.now() };
        controller.abort(new Error(`The check gave no answer in ${this.#options.timeoutMs} ms`));
        resolve({ status: 'fail', cause: 'timed out' });
      });
      const settle = (result: CheckResult) => {
        alarm.cancel();
        if (this.#abandoned?.run === controller) this.#abandoned = undefined;
        resolve(result);
      };
      // Inside a promise, so that a check that throws at once is like one that rejects.
      Promise.resolve()
        .then(() => this.#check({ signal: controller.signal }))
        .then(
          () => settle({ status: 'pass' }),
          (error: unknown) => settle({ status: 'fail', cause: 'failed', error }),
        );
    });
  }

  #answer(result: CheckResult): CheckResult {
    const previous = this.#last?.result;
    this.#last = { result, at: this.#clock.now() };
    this.#onAnswer(result, previous);
    return result;
  }
}
