import type { LookCause, LookOutcome } from './watched-config.js';

interface Next {
  cause: LookCause;
  readonly outcome: Promise<LookOutcome>;
}

/** One look after the other. What is asked for while one waits its turn is answered by that one. */
export class Looks {
  readonly #look: (cause: LookCause) => Promise<LookOutcome>;
  #last: Promise<unknown> = Promise.resolve();
  #next: Next | undefined;

  /**
   * @param look - never rejects, but where there is nobody left to tell
   */
  constructor(look: (cause: LookCause) => Promise<LookOutcome>) {
    this.#look = look;
  }

  /** Look after this call. A cause that somebody waits for takes the place of one that just happened. */
  ask(cause: LookCause): Promise<LookOutcome> {
    if (this.#next) {
      if (cause !== 'change') this.#next.cause = cause;
      return this.#next.outcome;
    }
    const begun = () => {
      const asked = this.#next?.cause ?? cause;
      this.#next = undefined;
      return this.#look(asked);
    };
    const outcome = this.#last.then(begun, begun);
    this.#next = { cause, outcome };
    this.#last = outcome;
    return outcome;
  }
}
