/** What has to come together before a service is ready. */
export class Readiness {
  readonly #checksPassed: () => boolean;
  readonly #onReady: () => void;
  #serving = false;
  readonly #watchers = new Set<() => void>();
  #heldBack: string | undefined;

  constructor(checksPassed: () => boolean, onReady: () => void) {
    this.#checksPassed = checksPassed;
    this.#onReady = onReady;
  }

  /** Why the service is held back, if it is. */
  get heldBack(): string | undefined {
    return this.#heldBack;
  }

  /** Whether a server has ever listened, or the user has said that it needs none. */
  get serving(): boolean {
    return this.#serving;
  }

  /** All that is missing is a server that listens. */
  get prepared(): boolean {
    return this.#heldBack === undefined && this.#checksPassed();
  }

  /** Hear that it may have changed. */
  watch(watcher: () => void): Disposable {
    this.#watchers.add(watcher);
    return { [Symbol.dispose]: () => void this.#watchers.delete(watcher) };
  }

  /** A server listens, or the user has said that it needs none. */
  serves(): void {
    this.#serving = true;
    this.look();
  }

  holdBack(reason: string): void {
    this.#heldBack = reason;
  }

  letGo(): void {
    this.#heldBack = undefined;
    this.serves();
  }

  look(): void {
    if (this.#serving && this.#heldBack === undefined && this.#checksPassed()) this.#onReady();
    for (const watcher of this.#watchers) watcher();
  }
}
