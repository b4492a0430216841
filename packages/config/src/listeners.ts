import type { ConfigEvents, ListenerFailure } from './watched-config.js';

/** The names of all events. */
export const eventNames: readonly (keyof ConfigEvents<unknown>)[] = ['change', 'rejected', 'error'];

/** One listener, and what it has still to hear of. */
class Recipient<Event> {
  readonly #listener: (event: Event) => void | Promise<void>;
  readonly #onThrow: (error: unknown) => void;
  #told: Promise<void> = Promise.resolve();
  #gone = false;

  constructor(listener: (event: Event) => void | Promise<void>, onThrow: (error: unknown) => void) {
    this.#listener = listener;
    this.#onThrow = onThrow;
  }

  tell(event: Event): void {
    this.#told = this.#told.then(() => this.#hand(event));
  }

  leave(): void {
    this.#gone = true;
  }

  /** Never rejects: the next event would not be told. */
  async #hand(event: Event): Promise<void> {
    if (this.#gone) return;
    try {
      await this.#listener(event);
    } catch (error) {
      this.#onThrow(error);
    }
  }
}

/** Everybody who listens. Each has a queue: whoever is slow holds nobody else up. */
export class Listeners<Value> implements Disposable {
  readonly #recipients = new Map<keyof ConfigEvents<Value>, Set<Recipient<never>>>();
  readonly #onFailure: (failure: ListenerFailure) => void;

  /**
   * @param onFailure - told first of what a listener throws; then those of `error` are
   */
  constructor(onFailure: (failure: ListenerFailure) => void) {
    this.#onFailure = onFailure;
  }

  add<Name extends keyof ConfigEvents<Value>>(name: Name, listener: ConfigEvents<Value>[Name]): Disposable {
    const recipient = new Recipient<never>(listener, (error) => this.#failed(name, error));
    const recipients = this.#of(name).add(recipient);
    return {
      [Symbol.dispose]: () => {
        recipients.delete(recipient);
        recipient.leave();
      },
    };
  }

  tell<Name extends keyof ConfigEvents<Value>>(
    name: Name,
    event: Parameters<ConfigEvents<Value>[Name]>[0],
  ): void {
    for (const recipient of this.#of(name)) recipient.tell(event as never);
  }

  [Symbol.dispose](): void {
    for (const recipients of this.#recipients.values()) for (const recipient of recipients) recipient.leave();
    this.#recipients.clear();
  }

  #failed(name: keyof ConfigEvents<Value>, error: unknown): void {
    const failure = { error, from: `a listener of "${name}"` };
    this.#onFailure(failure);
    // One that fails at failures would hear of its own for ever.
    if (name !== 'error') this.tell('error', failure);
  }

  #of(name: keyof ConfigEvents<Value>): Set<Recipient<never>> {
    const known = this.#recipients.get(name);
    if (known) return known;
    const recipients = new Set<Recipient<never>>();
    this.#recipients.set(name, recipients);
    return recipients;
  }
}
