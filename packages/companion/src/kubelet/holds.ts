import { type HoldFacts, type HoldTimes, type Release, releaseOf } from '../pod/release.js';
import { limits } from '../protocol/wire.js';

/** Why a hook was answered. */
export type Released = Release | 'too-many' | 'aborted' | 'companion-ends';

/** What a hook is answered with. */
export interface HoldVerdict {
  readonly released: Released;
  readonly container: string | undefined;
  /** How long it was held, in milliseconds. */
  readonly heldMs: number;
}

interface Hold {
  readonly container: string | undefined;
  readonly since: number;
  readonly settle: (verdict: HoldVerdict) => void;
}

export interface HoldsOptions {
  readonly times: HoldTimes;
  /** The clock that the facts are told by. */
  readonly now: () => number;
  readonly facts: (container: string | undefined, since: number) => HoldFacts;
  /** One has come. */
  readonly onHold: () => void;
  /** One was let go. */
  readonly onRelease: (verdict: HoldVerdict) => void;
}

/** The preStop hooks that are held back. */
export class Holds {
  readonly #options: HoldsOptions;
  readonly #holds = new Set<Hold>();

  constructor(options: HoldsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#holds.size;
  }

  /** When the first of them came. */
  get since(): number | undefined {
    const [first] = this.#holds;
    return first?.since;
  }

  /**
   * Resolves when the hook of `container` may end: it never rejects.
   *
   * @param signal - aborted when whoever asked has gone
   */
  hold(container: string | undefined, signal: AbortSignal): Promise<HoldVerdict> {
    const since = this.#options.now();
    return new Promise((resolve) => {
      if (this.#holds.size >= limits.holders) {
        const verdict: HoldVerdict = { released: 'too-many', container, heldMs: 0 };
        this.#options.onRelease(verdict);
        resolve(verdict);
        return;
      }
      const hold: Hold = { container, since, settle: resolve };
      this.#holds.add(hold);
      signal.addEventListener('abort', () => this.#release(hold, 'aborted'), { once: true });
      this.#options.onHold();
      this.#look(hold);
    });
  }

  /** Look again: time has passed, or something has changed. */
  look(): void {
    for (const hold of this.#holds) this.#look(hold);
  }

  /** Nobody is held any more. */
  close(): void {
    for (const hold of this.#holds) this.#release(hold, 'companion-ends');
  }

  #look(hold: Hold): void {
    const { facts, times } = this.#options;
    const release = releaseOf(facts(hold.container, hold.since), times);
    if (release) this.#release(hold, release);
  }

  #release(hold: Hold, released: Released): void {
    if (!this.#holds.delete(hold)) return;
    const { container, since } = hold;
    const verdict: HoldVerdict = { released, container, heldMs: Math.round(this.#options.now() - since) };
    this.#options.onRelease(verdict);
    hold.settle(verdict);
  }
}
