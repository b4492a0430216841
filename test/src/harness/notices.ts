import { within } from '@graceful/conformance/client';
import { type Notice, type Posted, sharedNow } from './protocol.js';

/** A notice, and when it was sent, on `performance.now()`'s clock of this process. */
export interface Noted {
  readonly notice: Notice;
  readonly at: number;
}

const patienceMs = 20_000;
/** What the shared clock is ahead of ours. */
const aheadMs = sharedNow() - performance.now();

/** Everything that a service has said, and those who wait for it to say something. */
export class Notices {
  readonly all: Noted[] = [];
  readonly #waiting = new Set<{ look(noted: Noted): void; end(why: string): void }>();
  #ended: string | undefined;

  add({ notice, at }: Posted): void {
    const noted = { notice, at: at - aheadMs };
    this.all.push(noted);
    for (const waiting of this.#waiting) waiting.look(noted);
  }

  /** No more will come. */
  end(why: string): void {
    this.#ended = why;
    for (const waiting of this.#waiting) waiting.end(why);
  }

  find(matches: (notice: Notice) => boolean): Noted | undefined {
    return this.all.find(({ notice }) => matches(notice));
  }

  /** The first notice that matches, past or to come. */
  until(what: string, matches: (notice: Notice) => boolean): Promise<Noted> {
    const past = this.find(matches);
    if (past) return Promise.resolve(past);
    if (this.#ended !== undefined) return Promise.reject(new Error(`no ${what}: ${this.#ended}`));
    const coming = new Promise<Noted>((resolve, reject) => {
      const waiting = {
        look: (noted: Noted) => {
          if (!matches(noted.notice)) return;
          this.#waiting.delete(waiting);
          resolve(noted);
        },
        end: (why: string) => reject(new Error(`no ${what}: ${why}`)),
      };
      this.#waiting.add(waiting);
    });
    return within(patienceMs, what, coming);
  }
}
