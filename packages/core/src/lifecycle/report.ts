import { shown } from '../errors.js';
import type { HookPhase } from './hook.js';
import type { StateName } from './state.js';

/** What a shutdown came to: nothing lost, something dropped, or something went wrong. */
export type Verdict = 'clean' | 'forced' | 'failed';

/** How a hook ended. `skipped`: the budget was spent before it could begin. */
export type HookResult = 'ok' | 'failed' | 'timed-out' | 'skipped';

/** What became of one hook. */
export interface HookReport {
  readonly name: string;
  readonly phase: HookPhase;
  readonly result: HookResult;
  /** Milliseconds from its begin to its end, or to the moment it was given up. */
  readonly durationMs: number;
  /** Why it failed; absent when it did not. */
  readonly error?: ReportedError;
}

/** An error as the report carries it: without a stack, which goes to the log. */
export interface ReportedError {
  readonly name: string;
  readonly message: string;
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
  readonly state: StateName;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Milliseconds since the shutdown began. */
  readonly afterMs: number;
}

/** How the connections ended that were open when the shutdown began, or came after. */
export interface ConnectionEnds {
  /** Closed after a last response that said `Connection: close`. */
  readonly told: number;
  /** Closed by us because the keep-alive promise had run out. */
  readonly idle: number;
  /** Closed by the client of its own accord. */
  readonly client: number;
  /** Cut at the end of a budget. */
  readonly forced: number;
}

/** What one drainable has to say after its end. */
export interface DrainableReport {
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
  readonly verdict: Verdict;
  /** 0 clean; 1 when something was dropped, a hook failed, or an uncaught error began it. */
  readonly exitCode: 0 | 1;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Milliseconds from the begin to the end. */
  readonly durationMs: number;
  /** Each state since the begin, in order. */
  readonly states: readonly StateInstant[];
  readonly requests: {
    /** In flight when the shutdown began. */
    readonly inFlightAtStart: number;
    /** Arrived in the lame-duck and were answered whole. */
    readonly servedInLameDuck: number;
    /** Answered whole since the shutdown began. */
    readonly served: number;
    /** Received whole or in part, and cut at the end of the budget. */
    readonly dropped: number;
  };
  readonly connections: ConnectionEnds;
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
