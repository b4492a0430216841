import type { Budgets, InstanceState, PodState, TerminationReason } from './wire.js';

/** An instance, as `GET /v1/state` tells of it. */
export interface InstanceStatus {
  /** As it was registered. */
  readonly id: string;
  /** What it calls itself. */
  readonly name: string;
  /** As the manifest names it. */
  readonly container: string;
  /** Where it is on its way. */
  readonly state: InstanceState;
  /** Whether its stream is open. */
  readonly isConnected: boolean;
  /** Of its process, as it sees itself. */
  readonly pid?: number;
  /** Where it serves. */
  readonly ports?: readonly number[];
  /** Those that are drained before it. */
  readonly after?: readonly string[];
  /** What its shutdown may take. */
  readonly budgets?: Budgets;
  /** Why it is not ready, or why it leaves. */
  readonly reason?: string;
  /** Requests it has, by its last word. */
  readonly inFlight?: number;
  /** Requests it has answered, by its last word. */
  readonly served?: number;
  /** What is left of its time, while it leaves, in milliseconds. */
  readonly remainingMs?: number;
}

/** A drain that goes on. */
export interface DrainStatus {
  /** To cancel it by. */
  readonly id: string;
  /** Who wants it. */
  readonly reason: TerminationReason;
  /** Of this instance alone. */
  readonly scope?: string;
  /** What is left of its time, in milliseconds. */
  readonly remainingMs: number;
}

/** The answer to `GET /v1/state`. */
export interface PodStatus {
  /** Of the protocol. */
  readonly version: number;
  /** How often the companion was started in this pod, from 1 on. */
  readonly epoch: number;
  /** Where the pod is on its way. */
  readonly pod: PodState;
  /** Those that go on. */
  readonly drains: readonly DrainStatus[];
  /** All that are expected or have registered, those that have left too. */
  readonly instances: readonly InstanceStatus[];
  /** Of the companion itself; more may be told. */
  readonly companion?: Readonly<Record<string, unknown>>;
}
