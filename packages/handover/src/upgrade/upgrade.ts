import { messageOf } from '../message-of.js';
import {
  next,
  type RefusalCode,
  type UpgradeEvent,
  type UpgradeFailure,
  type UpgradeFailureCode,
  type UpgradeStage,
  type UpgradeState,
  type WorkStage,
  workStages,
} from './state.js';

/** What an upgrade came to. */
export type UpgradeOutcome =
  | { readonly result: 'success'; readonly generation: number; readonly durationMs: number }
  /** The old generation serves on. */
  | ({
      readonly result: 'failed';
      readonly generation: number;
      readonly durationMs: number;
    } & UpgradeFailure)
  /** Nothing was begun. */
  | { readonly result: 'refused'; readonly code: RefusalCode; readonly message: string };

/** What is told of an upgrade, as it happens. */
export interface UpgradeNotice {
  /** The number of the new one. */
  readonly generation: number;
  /** The stage that begins, or how it ended. */
  readonly stage: UpgradeStage;
  /** The stage that is over, with its time in milliseconds. */
  readonly over?: {
    readonly stage: WorkStage;
    readonly durationMs: number;
    readonly result: 'ok' | 'failed';
  };
  /** Where it ended by failing. */
  readonly failure?: UpgradeFailure;
}

/** A stage cannot be done; the upgrade ends, and what was serves on. */
export class StageFailure extends Error {
  override readonly name = 'StageFailure';
  readonly code: UpgradeFailureCode;

  constructor(code: UpgradeFailureCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What is to be done in each stage. A stage without a step is passed over. */
export type UpgradeSteps = Partial<Record<WorkStage, () => Promise<void>>>;

/**
 * Upgrades of one service, one at a time. What is done in a stage is given;
 * here is the order, the time each took, and that nobody hears of two at once.
 */
export class Upgrades {
  readonly #tell: (notice: UpgradeNotice) => void;
  #state: UpgradeState = { name: 'idle' };
  #lastGeneration: number;

  /**
   * @param generation - of what serves now
   * @param tell - hears of each stage
   */
  constructor(generation: number, tell: (notice: UpgradeNotice) => void) {
    this.#lastGeneration = generation;
    this.#tell = tell;
  }

  get state(): UpgradeState {
    return this.#state;
  }

  get inProgress(): boolean {
    const { name } = this.#state;
    return name !== 'idle' && name !== 'success' && name !== 'failed';
  }

  /** Numbers are never used twice, also not after a failure. */
  nextGeneration(): number {
    this.#lastGeneration++;
    return this.#lastGeneration;
  }

  /**
   * Walk through the stages.
   *
   * @param undo - called once when one of them fails, before the outcome is told
   */
  async run(
    generation: number,
    steps: UpgradeSteps,
    undo: (failure: UpgradeFailure) => Promise<void>,
  ): Promise<UpgradeOutcome> {
    const begunAt = performance.now();
    const todo = workStages.filter((stage) => stage === 'precheck' || steps[stage]);
    this.#move({ type: 'begin', generation });
    for (const [index, stage] of todo.entries()) {
      const stageAt = performance.now();
      try {
        await steps[stage]?.();
      } catch (error) {
        const durationMs = performance.now() - stageAt;
        const failure = { stage, ...asFailure(error) };
        try {
          await undo(failure);
        } catch (second) {
          failure.message += `; and what had been begun could not be undone: ${messageOf(second)}`;
        }
        this.#move({ type: 'fail', ...failure }, { stage, durationMs, result: 'failed' });
        return { result: 'failed', generation, durationMs: performance.now() - begunAt, ...failure };
      }
      const over = { stage, durationMs: performance.now() - stageAt, result: 'ok' } as const;
      this.#move({ type: 'done', to: todo[index + 1] ?? 'success' }, over);
    }
    return { result: 'success', generation, durationMs: performance.now() - begunAt };
  }

  /** The one place where the state changes. */
  #move(event: UpgradeEvent, over?: NonNullable<UpgradeNotice['over']>): void {
    const state = next(this.#state, event, performance.now());
    if (state === this.#state || state.name === 'idle') return;
    this.#state = state;
    this.#tell({
      generation: state.generation,
      stage: state.name,
      ...(over && { over }),
      ...(state.name === 'failed' && { failure: state.failure }),
    });
  }
}

function asFailure(error: unknown): { code: UpgradeFailureCode; message: string } {
  if (error instanceof StageFailure) return { code: error.code, message: error.message };
  return { code: 'internal', message: messageOf(error) };
}
