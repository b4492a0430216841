import type { Graceful } from '@graceful/core';
import type { CompanionKit } from '@graceful/core/companion';

/** Why the service is not ready then. */
const reason = 'the companion says lame-duck';

/**
 * Holds a service back while its companion says lame-duck. That may be taken
 * back, a shutdown may not: so it is no more than readiness, until the
 * companion says drain, or a signal comes.
 */
export class HeldBack {
  readonly #graceful: Graceful;
  readonly #kit: Pick<CompanionKit, 'heldBack'>;
  #held = false;

  constructor(graceful: Graceful, kit: Pick<CompanionKit, 'heldBack'>) {
    this.#graceful = graceful;
    this.#kit = kit;
  }

  hold(): void {
    // One that is not ready need not be held, and must not be let go later on.
    if (this.#graceful.state !== 'ready') return;
    this.#held = true;
    this.#graceful.notReady(reason);
  }

  letGo(): void {
    if (!this.#held) return;
    this.#held = false;
    // It leaves, or somebody has another reason by now.
    if (this.#graceful.draining.aborted || this.#kit.heldBack !== reason) return;
    this.#graceful.ready();
  }
}
