import { GracefulError, shown } from '../errors.js';
import { expectDuration, expectFunction, expectKnownKeys, expectName, expectObject } from '../expect.js';

/**
 * When a hook runs. `drain`: at once, beside the requests in flight (stop
 * consumers). `close`: after the last request (pools). `flush`: last (logs, traces).
 */
export type HookPhase = 'drain' | 'close' | 'flush';

/** The phases of the hooks, in their order. */
export const hookPhases: readonly HookPhase[] = ['drain', 'close', 'flush'];

/** What a hook is told. */
export interface HookContext {
  /** Aborted when the hook's time is up: what it does after that is not waited for. */
  readonly signal: AbortSignal;
  /** Why the shutdown began, such as `SIGTERM`. */
  readonly reason: string;
}

/** Work to do while the service stops. May return a promise, which is waited for. */
export type ShutdownHook = (context: HookContext) => unknown;

/** When a hook runs, and for how long it may. */
export interface HookOptions {
  /**
   * When it runs.
   *
   * @defaultValue 'close'
   */
  readonly phase?: HookPhase;
  /** Names of hooks that must have ended before this one begins, whether they succeeded or not. */
  readonly after?: string | readonly string[];
  /**
   * Time for this hook, in milliseconds; never more than its phase has left.
   *
   * @defaultValue an equal share of what its phase has left for it and for the hooks that wait for it
   */
  readonly timeoutMs?: number;
}

/** A hook with its options filled in. */
export interface RegisteredHook {
  readonly name: string;
  readonly run: ShutdownHook;
  readonly phase: HookPhase;
  readonly after: readonly string[];
  readonly timeoutMs: number | undefined;
}

/**
 * Fill in the options of a hook.
 *
 * @throws {@link GracefulError} `ERR_GRACEFUL_PHASE`, `ERR_GRACEFUL_OPTION`
 */
export function toHook(name: string, run: ShutdownHook, options: HookOptions): RegisteredHook {
  expectName('the name of a hook', name);
  expectFunction(`the hook ${shown(name)}`, run);
  expectObject(`the options of hook ${shown(name)}`, options);
  expectKnownKeys(`the options of hook ${shown(name)}`, options, ['phase', 'after', 'timeoutMs']);
  const { phase = 'close', after = [], timeoutMs } = options;
  if (!hookPhases.includes(phase)) {
    throw new GracefulError(
      'ERR_GRACEFUL_PHASE',
      `Expected \`phase\` of hook ${shown(name)} to be one of ${hookPhases.map(shown).join(', ')}, got ${shown(phase)}.`,
    );
  }
  const names = typeof after === 'string' ? [after] : after;
  if (!Array.isArray(names)) {
    throw new GracefulError(
      'ERR_GRACEFUL_OPTION',
      `Expected \`after\` of hook ${shown(name)} to be a hook's name or an array of names, got ${shown(after)}.`,
    );
  }
  for (const other of names) expectName(`\`after\` of hook ${shown(name)}`, other);
  if (timeoutMs !== undefined) expectDuration(`\`timeoutMs\` of hook ${shown(name)}`, timeoutMs);
  return { name, run, phase, after: [...names], timeoutMs };
}
