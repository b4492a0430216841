import { GracefulError, shown } from '../errors.js';
import { type HookOptions, type HookPhase, type RegisteredHook, type ShutdownHook, toHook } from './hook.js';
import { assertOrder } from './hook-order.js';

/** The hooks of one lifecycle. Names are unique; wrong orders are found here, never at the shutdown. */
export class HookRegistry {
  readonly #hooks = new Map<string, RegisteredHook>();

  add(name: string, run: ShutdownHook, options: HookOptions = {}): Disposable {
    const hook = toHook(name, run, options);
    if (this.#hooks.has(name)) {
      throw new GracefulError(
        'ERR_GRACEFUL_DUPLICATE_HOOK',
        `Expected a name of its own for each hook, got ${shown(name)} twice. Give the second another name, or dispose the first.`,
      );
    }
    this.#hooks.set(name, hook);
    try {
      assertOrder(this.#hooks, 'so far');
    } catch (error) {
      this.#hooks.delete(name);
      throw error;
    }
    return {
      [Symbol.dispose]: () => {
        if (this.#hooks.get(name) === hook) this.#hooks.delete(name);
      },
    };
  }

  /**
   * Every name that a hook comes after must be known by now.
   *
   * @throws {@link GracefulError} `ERR_GRACEFUL_HOOK_UNKNOWN`
   */
  assertComplete(): void {
    assertOrder(this.#hooks, 'complete');
  }

  /** The hooks of `phase`, in the order of their registration. */
  of(phase: HookPhase): RegisteredHook[] {
    return [...this.#hooks.values()].filter((hook) => hook.phase === phase);
  }
}
