import type { Budgets, InstanceState, PodState, TerminationReason } from './wire.js';

/** An instance, as `GET /v1/state` tells of it. */
export interface InstanceStatus {
  readonly id: string;
  readonly name: string;
  readonly container: string;
  readonly state: InstanceState;
  /** Whether its stream is open. */
  readonly isConnected: boolean;
  readonly pid?: number;
  readonly ports?: readonly number[];
  readonly after?: readonly string[];
  readonly budgets?: Budgets;
  /** Why it is not ready, or why it leaves. */
  readonly reason?: string;
  readonly inFlight?: number;
  readonly served?: number;
  /** What is left of its time, while it leaves, in milliseconds. */
  readonly remainingMs?: number;
}

/** A drain that goes on. */
export interface DrainStatus {
  readonly id: string;
  readonly reason: TerminationReason;
  /** Of this instance alone. */
  readonly scope?: string;
  readonly remainingMs: number;
}

/** The answer to `GET /v1/state`. */
export interface PodStatus {
  readonly version: number;
  /** How often the companion was started in this pod, from 1 on. */
  readonly epoch: number;
  readonly pod: PodState;
  readonly drains: readonly DrainStatus[];
  readonly instances: readonly InstanceStatus[];
  /** Of the companion itself; more may be told. */
  readonly companion?: Readonly<Record<string, unknown>>;
}
