import type { ConnectionEnds, RequestFigures, Traffic } from '../drain/drainable.js';
import { shown } from '../errors.js';
import type { HookPhase } from './hook.js';
import type { StateName } from './state.js';

/** What a shutdown came to: nothing lost, something dropped, or something went wrong. */
export type Verdict = 'clean' | 'forced' | 'failed';

/** How a hook ended. `skipped`: the budget was spent before it could begin. */
export type HookResult = 'ok' | 'failed' | 'timed-out' | 'skipped';

/** What became of one hook. */
export interface HookReport {
  /** As it was registered. */
  readonly name: string;
  /** When it ran. */
  readonly phase: HookPhase;
  /** How it ended. */
  readonly result: HookResult;
  /** Milliseconds from its begin to its end, or to the moment it was given up. */
  readonly durationMs: number;
  /** Why it failed; absent when it did not. */
  readonly error?: ReportedError;
}

/** An error as the report carries it: without a stack, which goes to the log. */
export interface ReportedError {
  /** The class of the error, such as `TypeError`. */
  readonly name: string;
  /** What it says; for something thrown that is no error, what that was. */
  readonly message: string;
  /** Its `code`, where it has one. */
  readonly code?: string;
  /** Where it came from: a hook, a drainable, `uncaughtException` or `unhandledRejection`. */
  readonly from: string;
}

/** What a report says of something thrown, which may be anything. */
export function reportedError(thrown: unknown, from: string): ReportedError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: `threw ${shown(thrown)}`, from };
  const code = 'code' in thrown && typeof thrown.code === 'string' ? { code: thrown.code } : {};
  return { name: thrown.name, message: thrown.message, from, ...code };
}

/** When a state began. */
export interface StateInstant {
  /** The state that began. */
  readonly state: StateName;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Milliseconds since the shutdown began. */
  readonly afterMs: number;
}

/** What one drainable has to say after its end. */
export interface DrainableReport {
  /** Such as `http`. */
  readonly name: string;
  /** Pieces of work that were dropped when the budget was spent. */
  readonly dropped: number;
  /** Milliseconds from `stopAccepting` to the last piece of work. */
  readonly durationMs: number;
}

/** The evidence: what happened from the signal to the end. */
export interface ShutdownReport {
  /** Why it began: a signal's name, `uncaughtException`, `unhandledRejection`, or what `shutdown()` was given. */
  readonly reason: string;
  /** Nothing lost, something dropped, or something went wrong. */
  readonly verdict: Verdict;
  /** 0 clean; 1 when something was dropped, a hook failed, or an uncaught error began it. */
  readonly exitCode: 0 | 1;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Milliseconds from the begin to the end. */
  readonly durationMs: number;
  /** Each state since the begin, in order. */
  readonly states: readonly StateInstant[];
  /** What became of the requests of all servers. */
  readonly requests: RequestFigures;
  /** How the connections of all servers ended. */
  readonly connections: ConnectionEnds;
  /** How long traffic went on: the propagation delay to plan a lame-duck for. */
  readonly traffic: Traffic;
  /** Each server and drainable, in the order in which they ended. */
  readonly drainables: readonly DrainableReport[];
  /** In the order in which they ended. */
  readonly hooks: readonly HookReport[];
  /** Every error of hooks and drainables, and every uncaught one. */
  readonly errors: readonly ReportedError[];
  /** Signals that came after the first, and changed nothing. */
  readonly furtherSignals: readonly string[];
  /** What still held the event loop after the last phase. */
  readonly heldBy: readonly string[];
}
