import type { HookResult, ShutdownReport, Verdict } from '@graceful/core';
import type { DrainConfig, ServiceConfig } from '../harness/protocol.js';
import type { Trial } from '../harness/trial.js';

/** A service is wanted like this; what is not said is as in {@link ordinary}. */
export type Wanted = Partial<Omit<ServiceConfig, 'drain'>> & { readonly drain?: Partial<DrainConfig> };

/**
 * What must have come of it, beside what must come of every scenario: nothing
 * lost, exit 0, a clean verdict, and a report that agrees with what the
 * clients saw (`harness/judge.ts`).
 */
export interface Outcome {
  readonly reason?: string;
  readonly exitCode?: 0 | 1;
  readonly verdict?: Verdict;
  readonly requests?: Partial<ShutdownReport['requests']>;
  readonly connections?: Partial<ShutdownReport['connections']>;
  /** Every hook that must be in the report, by name, in any order. */
  readonly hooks?: Readonly<Record<string, HookResult>>;
  /** A part of each error's message, in order. */
  readonly errors?: readonly string[];
  readonly furtherSignals?: readonly string[];
  /** What still held the event loop: at least one entry, and it names this. */
  readonly heldBy?: RegExp;
  /** How long the state "draining" lasted, in milliseconds, where it waits for something else than the last request. */
  readonly drainMs?: readonly [atLeast: number, atMost: number];
}

/** One row of the table: a service, what its clients do while it leaves, and what must come of it. */
export interface Scenario {
  /** A sentence about the service. */
  readonly name: string;
  readonly wants?: Wanted;
  /** Plays the clients, and sends the signal. Ends when the clients have what they came for. */
  run(trial: Trial): Promise<void>;
  readonly outcome?: Outcome;
}

/** Short budgets, so that the suite is; long enough for a machine that is busy with four services at once. */
const ordinary: ServiceConfig = {
  drain: { delayMs: 500, requestsMs: 6_000, hooksMs: 3_000, idleMs: 2_000 },
  keepAliveMs: 5_000,
};

/** For clients who must get something done within the lame-duck, whatever else the machine has to do. */
export const roomy: Wanted = { drain: { delayMs: 2_000 } };

export function wanted({ drain, ...rest }: Wanted = {}): ServiceConfig {
  return { ...ordinary, ...rest, drain: { ...ordinary.drain, ...drain } };
}
