import type { Activity, Drainable, Evidence } from '../drain/drainable.js';
import { GracefulError, shown } from '../errors.js';
import { expectFunction, expectName, expectObject } from '../expect.js';
import type { Clock } from './clock.js';
import type { DrainableReport } from './report.js';

/** How far the drainables have been driven. */
type Step = 'serving' | 'lame-duck' | 'draining' | 'over';

/** The longest that `force()` may take: it drops work and should not wait for anything. */
const longestForceMs = 1_000;

/** What the lifecycle wants to know of its drainables as they end. */
export interface DrainablesListener {
  onDone(report: DrainableReport): void;
  onError(error: unknown, from: string): void;
}

/** All drainables of one lifecycle, driven together through the four steps; a latecomer catches up. */
export class Drainables {
  readonly #clock: Clock;
  readonly #listener: DrainablesListener;
  readonly #members = new Map<string, Drainable>();
  readonly #undrained = new Map<Drainable, number>();
  readonly #told = new Set<string>();
  readonly #last = new Set<Drainable>();
  readonly #draining = new Set<Promise<void>>();
  #step: Step = 'serving';
  #remainingMs: () => number = () => Infinity;

  constructor(clock: Clock, listener: DrainablesListener) {
    this.#clock = clock;
    this.#listener = listener;
  }

  /**
   * Let `drainable` take part.
   *
   * @param options - `last`: it is given work by the others, and so is drained after them
   */
  add(drainable: Drainable, { last = false }: { readonly last?: boolean } = {}): Disposable {
    assertDrainable(drainable);
    if (this.#members.has(drainable.name)) {
      throw new GracefulError(
        'ERR_GRACEFUL_DUPLICATE_DRAINABLE',
        `Expected a name of its own for each drainable, got ${shown(drainable.name)} twice. Give the second another name.`,
      );
    }
    this.#members.set(drainable.name, drainable);
    if (last) this.#last.add(drainable);
    if (this.#step !== 'serving') this.#tellLameDuck(drainable);
    if (this.#step === 'draining') this.#drain(drainable);
    if (this.#step === 'over') this.#refuse(drainable);
    return {
      [Symbol.dispose]: () => {
        // Once the shutdown has begun it must see every member through.
        if (this.#step === 'serving' && this.#members.get(drainable.name) === drainable) {
          this.#members.delete(drainable.name);
        }
      },
    };
  }

  activity(): Activity[] {
    return this.#ask('activity', (member) => member.activity?.());
  }

  evidence(): Evidence[] {
    return this.#ask('evidence', (member) => member.evidence?.());
  }

  lameDuck(): void {
    this.#step = 'lame-duck';
    for (const member of this.#members.values()) this.#tellLameDuck(member);
  }

  /**
   * Stop accepting everywhere. Resolves when nothing is left to wait for but what is drained last.
   *
   * @param remainingMs - how much of the budget is left, in milliseconds
   */
  async drain(remainingMs: () => number = () => Infinity): Promise<void> {
    this.#step = 'draining';
    this.#remainingMs = remainingMs;
    for (const member of this.#members.values()) {
      if (this.#last.has(member)) this.#undrained.set(member, this.#clock.now());
      else this.#drain(member);
    }
    await this.#settled();
  }

  /** The same for those that are drained last. */
  async drainLast(): Promise<void> {
    if (this.#step === 'over') return;
    for (const member of this.#last) this.#drain(member);
    await this.#settled();
  }

  /** The deadline of the drain has moved closer. */
  hurry(): void {
    if (this.#step !== 'draining') return;
    for (const member of this.#members.values()) {
      try {
        member.hurry?.(this.#remainingMs());
      } catch (error) {
        this.#listener.onError(error, `hurry of ${member.name}`);
      }
    }
  }

  get allDrained(): boolean {
    return this.#undrained.size === 0;
  }

  /**
   * Drop what is left.
   *
   * @param budgetMs - what the steps to come have, in milliseconds; nobody may spend more on this
   */
  async force(budgetMs: number): Promise<void> {
    this.#step = 'over';
    const left = [...this.#undrained];
    this.#undrained.clear();
    await Promise.all(
      left.map(async ([member, since]) => {
        const dropped = await this.#forceOne(member, Math.min(longestForceMs, budgetMs));
        this.#listener.onDone({ name: member.name, dropped, durationMs: this.#clock.now() - since });
      }),
    );
  }

  /** What the members have to say; one that throws says nothing, and holds nobody up. */
  #ask<Answer>(what: string, ask: (member: Drainable) => Answer | undefined): Answer[] {
    return [...this.#members.values()].flatMap((member) => {
      try {
        return ask(member) ?? [];
      } catch (error) {
        this.#tellOnce(error, `${what} of ${member.name}`);
        return [];
      }
    });
  }

  /** Asked many times, it would throw as many times. */
  #tellOnce(error: unknown, from: string): void {
    if (this.#told.has(from)) return;
    this.#told.add(from);
    this.#listener.onError(error, from);
  }

  #tellLameDuck(member: Drainable): void {
    try {
      member.lameDuck?.();
    } catch (error) {
      this.#listener.onError(error, `lameDuck of ${member.name}`);
    }
  }

  /** Too late to be waited for: it takes no work, and the exit ends it. */
  #refuse(member: Drainable): void {
    Promise.resolve()
      .then(() => member.stopAccepting())
      .catch((error: unknown) => this.#listener.onError(error, `stopAccepting of ${member.name}`));
  }

  #drain(member: Drainable): void {
    const since = this.#clock.now();
    this.#undrained.set(member, since);
    // Inside a promise, so that a member that throws at once is like one that rejects.
    const drain = Promise.resolve()
      .then(() => member.stopAccepting(this.#remainingMs()))
      .then(() => member.drained())
      .then((dropped) => (dropped === undefined ? 0 : count(dropped, 'drained()')))
      // A drainable that cannot drain has nothing that is worth waiting for.
      .catch((error: unknown) => {
        this.#listener.onError(error, `drain of ${member.name}`);
        return 0;
      })
      .then((dropped) => {
        this.#draining.delete(drain);
        // Not there any more: it was forced, and that has been reported.
        if (!this.#undrained.delete(member)) return;
        this.#listener.onDone({ name: member.name, dropped, durationMs: this.#clock.now() - since });
      });
    this.#draining.add(drain);
  }

  /** A latecomer may join while the others are waited for. */
  async #settled(): Promise<void> {
    while (this.#draining.size > 0) await Promise.all(this.#draining);
  }

  #forceOne(member: Drainable, forceMs: number): Promise<number> {
    return new Promise((resolve) => {
      const giveUp = (error: unknown) => {
        alarm.cancel();
        this.#listener.onError(error, `force of ${member.name}`);
        resolve(1);
      };
      const alarm = this.#clock.after(forceMs, () =>
        giveUp(new Error(`force() took longer than ${forceMs} ms`)),
      );
      Promise.resolve()
        .then(() => member.force())
        .then((dropped) => {
          const counted = count(dropped, 'force()');
          alarm.cancel();
          resolve(counted);
        })
        .catch(giveUp);
    });
  }
}

function count(dropped: unknown, said: string): number {
  if (typeof dropped === 'number' && Number.isFinite(dropped) && dropped >= 0) return dropped;
  throw new TypeError(`Expected ${said} to say how many pieces of work it dropped, got ${shown(dropped)}`);
}

function assertDrainable(drainable: Drainable): void {
  expectObject('a drainable', drainable);
  expectName('`name` of a drainable', drainable.name);
  for (const step of ['stopAccepting', 'drained', 'force'] as const) {
    expectFunction(`\`${step}\` of drainable ${shown(drainable.name)}`, drainable[step]);
  }
}
