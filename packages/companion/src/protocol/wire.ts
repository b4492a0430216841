/**
 * What goes over the control socket, version 1: HTTP/1.1 with JSON on a Unix
 * socket, so that a program in any language can speak it. Paths begin with
 * `/v1`; within a version fields are added, none is renamed.
 */
export const protocolVersion = 1;

/** Where the control socket is, unless told: in a volume that the containers of a pod share. */
export const defaultSocketPath = '/run/graceful/control.sock';

/** The variable that says where the control socket is. */
export const socketVariable = 'GRACEFUL_COMPANION';

/** What is refused beyond them; sizes in bytes. */
export const limits = {
  bodyBytes: 65_536,
  /** One line of an NDJSON body. */
  lineBytes: 8_192,
  headBytes: 8_192,
  /** For a request's head, and for its body, in milliseconds. */
  requestMs: 5_000,
  instances: 256,
  waiters: 64,
  /** Of `GET /hold`. */
  holders: 8,
  nameLength: 63,
} as const;

/** Where an instance is on its way: one way, but for `ready` and `not-ready`, and `lame-duck → ready` when a drain is cancelled. */
export type InstanceState =
  | 'expected'
  | 'starting'
  | 'ready'
  | 'not-ready'
  | 'lame-duck'
  | 'draining'
  | 'closing'
  | 'drained'
  | 'exited'
  | 'crashed'
  | 'lost'
  | 'killed';

/** Where the pod is on its way. */
export type PodState = 'running' | 'terminating' | 'released' | 'done';

/** Who ended the pod: the platform, the companion by itself, or a person. */
export type TerminationReason = 'pod' | 'self' | 'operator';

/** An instance's own budgets, in milliseconds, as `drain` of `@graceful/core` has them. */
export interface Budgets {
  readonly delayMs: number;
  readonly requestsMs: number;
  readonly hooksMs: number;
}

/** `POST /v1/instances`. */
export interface Registration {
  readonly name: string;
  /** Of the process, as it sees itself; in a pod others may see another. */
  readonly pid?: number;
  /** The container it runs in, as the manifest names it. @defaultValue `name` */
  readonly container?: string;
  /** Where it serves: looked at in the kernel's tables, should it say nothing more. */
  readonly ports?: readonly number[];
  readonly budgets?: Budgets;
  /** Names of instances that are to be drained before this one begins to. */
  readonly after?: readonly string[];
  readonly version?: number;
  /** Both, to go on as the instance that was registered before. */
  readonly id?: string;
  readonly token?: string;
}

/** The answer to {@link Registration}. */
export interface Registered {
  readonly id: string;
  /** For `Authorization: Bearer` in all that the instance says later. */
  readonly token: string;
  /** How often the companion was started anew in this pod; from 1 on. */
  readonly epoch: number;
  readonly state: InstanceState;
  readonly pod: PodState;
  /** While the pod terminates: what is left of its grace for this instance. */
  readonly deadline?: { readonly remainingMs: number };
}

/** `PATCH /v1/instances/{id}`, and each line of `POST /v1/instances/{id}/state`. */
export interface InstanceUpdate {
  readonly ready?: boolean;
  /** Why it is not ready, for the person who asks. */
  readonly reason?: string;
  readonly state?: 'lame-duck' | 'draining' | 'closing';
  readonly inFlight?: number;
  /** Requests, since it was started. */
  readonly served?: number;
  /** How long ago the last request or connection came, in milliseconds. */
  readonly lastArrivalMs?: number;
  /** How long ago the last new connection came: what balancers that have not noticed send. In milliseconds. */
  readonly lastConnectionMs?: number;
}

/** What an instance says of its end; the `ShutdownReport` of `@graceful/core` is one. */
export interface Farewell {
  readonly verdict?: 'clean' | 'forced' | 'failed';
  readonly reason?: string;
  readonly exitCode?: number;
  readonly durationMs?: number;
  readonly requests?: {
    readonly served?: number;
    readonly dropped?: number;
    readonly inFlightAtStart?: number;
    readonly servedInLameDuck?: number;
  };
  readonly [more: string]: unknown;
}

/** `POST /v1/drain`. */
export interface DrainRequest {
  readonly reason: TerminationReason;
  /** From now on. @defaultValue what is left of the pod's grace */
  readonly deadlineMs?: number;
  /** One instance, by its name. @defaultValue all of them */
  readonly scope?: string;
}

/** A line of `GET /v1/instances/{id}/stream`. */
export type StreamEvent =
  | { readonly type: 'hello'; readonly epoch: number; readonly state: InstanceState; readonly pod: PodState }
  /** Leave: say so to clients, and go on serving. */
  | { readonly type: 'lame-duck'; readonly reason: TerminationReason; readonly remainingMs: number }
  /** Leave: its turn has come. */
  | { readonly type: 'drain'; readonly reason: TerminationReason; readonly remainingMs: number }
  /** There is less time than it was told. */
  | { readonly type: 'deadline'; readonly remainingMs: number }
  /** It was a mistake: go on, where nothing irreversible has happened. */
  | { readonly type: 'cancel' }
  /** A configuration has changed. */
  | { readonly type: 'config'; readonly name: string; readonly revision: number };

/** An answer that says no. */
export interface Refusal {
  readonly error: { readonly code: string; readonly message: string };
}
