import { type Launch, missingFor } from '../generation/launch.js';
import type { Reached } from '../generation/generation-process.js';
import { overlap } from '../upgrade/overlap.js';
import type { Json } from '../wire/messages.js';
import { StageFailure, type UpgradeOutcome, type Upgrades } from '../upgrade/upgrade.js';
import type { Generation } from './generation.js';

/** How long a process that serves may take to say what it hands on, in milliseconds. */
const saveMs = 5_000;

/** What one replacement works with. */
export interface ReplacementParts {
  readonly upgrades: Upgrades;
  /** Of the new generation. */
  readonly number: number;
  readonly launch: Launch;
  /** What serves now, if anything does. */
  readonly old: Generation | undefined;
  /** Make the new generation; nothing of it runs yet. */
  readonly create: () => Generation;
  readonly places: readonly number[];
  /** Place by place. */
  readonly rolling: boolean;
  readonly overlapMs: number;
  readonly drainMs: number;
  /** The service was told to stop. */
  readonly ending: () => boolean;
  /** What leaves is to be watched until it has. */
  readonly retire: (generation: Generation) => Promise<void>;
}

/**
 * One generation takes over from another: all places at once, or one after
 * the other. Each place goes the same way: what it hands on is asked for, the
 * new process prepares, listens, serves beside the old one for a while, and
 * is the one; then the old one drains.
 */
export class Replacement {
  readonly startedAt: Date = new Date();
  readonly #parts: ReplacementParts;
  readonly #batches: readonly (readonly number[])[];
  /** Places that were asked what they hand on. */
  readonly #asked: number[] = [];
  /** Places that the new generation has taken over. */
  readonly #taken: number[] = [];
  #begun: Generation | undefined;

  constructor(parts: ReplacementParts) {
    this.#parts = parts;
    const { places, old, rolling } = parts;
    this.#batches = rolling && old ? places.map((place) => [place]) : [places];
  }

  /** Of which something runs. */
  get generation(): Generation {
    this.#begun ??= this.#parts.create();
    return this.#begun;
  }

  /** Go through with it; afterwards either the new generation serves alone, or the old one does. */
  run(): Promise<UpgradeOutcome> {
    const { upgrades, number, launch } = this.#parts;
    const [first = [], ...rest] = this.#batches;
    return upgrades.run(
      number,
      {
        precheck: async () => {
          const missing = missingFor(launch);
          if (missing !== undefined) throw new StageFailure('precheck', missing);
        },
        start: () => this.#start(first),
        handover: () => this.#listen(first),
        healthcheck: async () => {
          await this.#takeOver(first);
          for (const places of rest) {
            await this.#start(places);
            await this.#listen(places);
            await this.#takeOver(places);
          }
        },
      },
      () => this.#undo(),
    );
  }

  async #start(places: readonly number[]): Promise<void> {
    const states = await this.#saved(places);
    this.#assertStays();
    this.#assertReached(await this.generation.start(places, states));
  }

  async #listen(places: readonly number[]): Promise<void> {
    this.#assertReached(await this.generation.listen(places));
  }

  async #takeOver(places: readonly number[]): Promise<void> {
    const { old, number, drainMs } = this.#parts;
    const failure = await overlap(this.#parts.overlapMs, this.generation.fails(places));
    this.#assertReached(failure ? { ok: false, failure } : { ok: true });
    this.generation.activate(places);
    this.#taken.push(...places);
    old?.drain(`replaced by generation ${number}`, drainMs, places);
  }

  /** What the old processes in these places hand on to those that follow them there. */
  async #saved(places: readonly number[]): Promise<Map<number, Json>> {
    const states = new Map<number, Json>();
    this.#asked.push(...places);
    await Promise.all(
      places.map(async (place) => {
        const answer = await this.#parts.old?.save(place, saveMs);
        if (answer?.error !== undefined)
          throw new StageFailure('state', `the state to hand on could not be saved: ${answer.error}`);
        if (answer?.state !== undefined) states.set(place, answer.state);
      }),
    );
    return states;
  }

  /** What came of a stop is no failure of the new version. */
  #assertReached(reached: Reached): void {
    this.#assertStays();
    if (!reached.ok) throw new StageFailure(reached.failure.code, reached.failure.message);
  }

  #assertStays(): void {
    if (this.#parts.ending()) throw new StageFailure('aborted', 'the service was told to stop');
    // One by one, the first may crash while the last has not begun.
    if (this.generation.crashes > 0)
      throw new StageFailure('exit', 'a process of it crashed after it had taken over');
  }

  async #undo(): Promise<void> {
    const { old, ending, retire, drainMs } = this.#parts;
    const begun = this.#begun;
    const reason = 'the upgrade was given up';
    begun?.giveUp(reason);
    if (this.#taken.length === 0) {
      // Gone before another upgrade begins.
      if (begun) await retire(begun);
    } else if (begun) {
      // In their places the old ones are back before those leave.
      if (!ending()) await old?.refill(this.#taken);
      begun.drain(reason, drainMs);
      void retire(begun);
    }
    old?.undoSave(this.#asked.filter((place) => !this.#taken.includes(place)));
  }
}
