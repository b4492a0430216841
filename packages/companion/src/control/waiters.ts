import { isOver, nextState } from '../pod/instance-state.js';
import type { Instance } from '../pod/instance.js';
import { Refused } from '../protocol/refused.js';
import { limits } from '../protocol/wire.js';

/** What may be waited for. */
export const waitGoals = ['ready', 'lame-duck', 'drained', 'gone'] as const;

type WaitGoal = (typeof waitGoals)[number];

/** What is waited for, and of whom; of all instances, where nobody is named. */
export interface Awaited {
  readonly goal: WaitGoal;
  readonly name: string | undefined;
}

/** Those who wait for a state. */
export class Waiters {
  readonly #waiting = new Set<() => void>();
  readonly #instances: () => readonly Instance[];

  constructor(instances: () => readonly Instance[]) {
    this.#instances = instances;
  }

  /** Look again: something has changed. */
  look(): void {
    for (const check of this.#waiting) check();
  }

  /**
   * Whether it is so within `timeoutMs`.
   *
   * @param signal - aborted when nobody wants to know any more
   * @throws Refused `too-many`
   */
  wait(awaited: Awaited, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (isReached(awaited, this.#instances())) return Promise.resolve(true);
    if (this.#waiting.size >= limits.waiters) {
      throw new Refused(
        'too-many',
        `expected at most ${limits.waiters} to wait at once, got one more; try again`,
      );
    }
    return new Promise((resolve) => {
      const settle = (reached: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        signal.removeEventListener('abort', giveUp);
        resolve(reached);
      };
      const check = () => {
        if (isReached(awaited, this.#instances())) settle(true);
      };
      const giveUp = () => settle(false);
      const timer = setTimeout(giveUp, timeoutMs);
      signal.addEventListener('abort', giveUp);
      this.#waiting.add(check);
    });
  }
}

function isReached({ goal, name }: Awaited, instances: readonly Instance[]): boolean {
  const meant = instances.filter((one) => name === undefined || one.name === name);
  if (meant.length === 0) return false;
  const came = meant.filter(({ state }) => state !== 'expected');
  switch (goal) {
    case 'ready': {
      const live = meant.filter(({ isLive }) => isLive);
      return name === undefined
        ? meant.every((one) => one.state !== 'expected') &&
            live.length > 0 &&
            live.every(({ state }) => state === 'ready')
        : live.some(({ state }) => state === 'ready');
    }
    case 'lame-duck':
      return came.length > 0 && came.every(({ state }) => isPastReady(state));
    case 'drained':
      return came.length > 0 && came.every(({ state }) => isOver(state));
    case 'gone':
      return came.length > 0 && came.every(({ isGone }) => isGone);
  }
}

/** A lame-duck would take it there, or it is there, or past it. */
function isPastReady(state: Instance['state']): boolean {
  return state === 'lame-duck' || nextState(state, 'lame-duck') === state;
}
