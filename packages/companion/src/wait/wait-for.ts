import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { wrong } from '../options.js';
import { attempt } from './attempt.js';
import { pauseMs } from './back-off.js';
import { type ResolvedWait, resolveWait, type WaitOptions } from './options.js';
import type { TargetMissing, TargetOutcome, TargetThere } from './progress.js';
import { parseTarget, type Target } from './target.js';
import { WaitError } from './wait-error.js';
import { why } from './why.js';

/**
 * Wait until all of `targets` are there, each looked at by itself. One that
 * was there is not looked at again.
 *
 * @returns how each of them came, in the order given
 * @throws CompanionError `ERR_COMPANION_TARGET` or `ERR_COMPANION_OPTION` before anything is looked at
 * @throws {@link WaitError} `ERR_COMPANION_WAIT_TIMEOUT` with what is missing, and why
 * @throws the reason of `signal` when that is aborted
 */
export async function waitFor(
  targets: readonly (string | Target)[],
  options: WaitOptions = {},
): Promise<readonly TargetThere[]> {
  const settings = resolveWait(options);
  if (!Array.isArray(targets)) throw wrong('`targets` to be an array', targets);
  const all = targets.map((one: string | Target) =>
    typeof one === 'object' && one !== null ? one : parseTarget(one),
  );
  settings.signal?.throwIfAborted();

  const end = new AbortController();
  // As many listeners as there are targets; Node would take eleven for a leak.
  setMaxListeners(0, end.signal);
  const abort = () => end.abort();
  settings.signal?.addEventListener('abort', abort, { once: true });
  // Of the kind that keeps a process alive: between two tries nothing else may.
  const deadline = setTimeout(abort, settings.timeoutMs);
  const runs = all.map(async (target) => {
    try {
      return await new Lookout(target, settings, end.signal).run();
    } catch (error) {
      // Of `onProgress`: nobody is there any more to be told.
      abort();
      throw error;
    }
  });
  try {
    // Whatever one of them throws, all have closed what they opened before anybody hears of it.
    await Promise.allSettled(runs);
    const outcomes = await Promise.all(runs);
    if (outcomes.every((one) => one.state === 'there')) return outcomes;
    settings.signal?.throwIfAborted();
    throw new WaitError(settings.timeoutMs, outcomes);
  } finally {
    clearTimeout(deadline);
    settings.signal?.removeEventListener('abort', abort);
  }
}

/** Looks at one target until it is there, or the end. */
class Lookout {
  readonly #target: Target;
  readonly #settings: ResolvedWait;
  readonly #end: AbortSignal;
  readonly #begun = performance.now();
  #tries = 0;
  #because: string | undefined;

  constructor(target: Target, settings: ResolvedWait, end: AbortSignal) {
    this.#target = target;
    this.#settings = settings;
    this.#end = end;
  }

  async run(): Promise<TargetOutcome> {
    while (!this.#end.aborted) {
      const there = await this.#try();
      if (there) {
        this.#settings.onProgress(there);
        return there;
      }
      if (this.#end.aborted) break;
      const againInMs = pauseMs(this.#tries, this.#settings, Math.random());
      this.#settings.onProgress({ ...this.#missing(), againInMs });
      await pause(againInMs, undefined, { signal: this.#end }).catch(() => {});
    }
    return this.#missing();
  }

  async #try(): Promise<TargetThere | undefined> {
    this.#tries += 1;
    const { attemptMs, insecure } = this.#settings;
    const begun = performance.now();
    const bound = new AbortController();
    const cut = () => bound.abort();
    const timer = setTimeout(cut, attemptMs);
    this.#end.addEventListener('abort', cut, { once: true });
    try {
      const found = await attempt(this.#target, insecure, bound.signal);
      return { ...this.#so('there'), ...(found !== undefined && { found }) };
    } catch (error) {
      if (!bound.signal.aborted) this.#because = why(error);
      // Cut short by the end, it has nothing to say that the try before did not say better.
      else if (!this.#end.aborted || this.#because === undefined) {
        this.#because = `no answer within ${Math.round(performance.now() - begun)} ms`;
      }
      return undefined;
    } finally {
      clearTimeout(timer);
      this.#end.removeEventListener('abort', cut);
    }
  }

  #missing(): TargetMissing {
    return { ...this.#so('missing'), because: this.#because ?? 'not looked at' };
  }

  #so<State extends TargetOutcome['state']>(state: State) {
    const { text, kind } = this.#target;
    return {
      state,
      target: text,
      kind,
      afterMs: Math.round(performance.now() - this.#begun),
      tries: this.#tries,
    };
  }
}
