/** What a test has made, to be undone when it ends: last first, and all of it whatever happens. */
export class Leftovers implements AsyncDisposable {
  readonly #undo: (() => unknown)[] = [];

  use<T extends Disposable | AsyncDisposable>(made: T): T {
    this.defer(() => (Symbol.asyncDispose in made ? made[Symbol.asyncDispose]() : made[Symbol.dispose]()));
    return made;
  }

  defer(undo: () => unknown): void {
    this.#undo.push(undo);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const errors: unknown[] = [];
    for (const undo of this.#undo.toReversed()) {
      try {
        await undo();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'What a test has made could not be undone.');
  }
}
