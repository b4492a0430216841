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
  /** The lame-duck: it serves on, so that balancers notice. */
  readonly delayMs: number;
  /** For requests in flight. */
  readonly requestsMs: number;
  /** For what is cleaned up at the end. */
  readonly hooksMs: number;
}

/** `POST /v1/instances`. */
export interface Registration {
  /** What it is called in all that is told of it. */
  readonly name: string;
  /** Of the process, as it sees itself; in a pod others may see another. */
  readonly pid?: number;
  /** The container it runs in, as the manifest names it. @defaultValue `name` */
  readonly container?: string;
  /** Where it serves: looked at in the kernel's tables, should it say nothing more. */
  readonly ports?: readonly number[];
  /** What its shutdown may take. */
  readonly budgets?: Budgets;
  /** Names of instances that are to be drained before this one begins to. */
  readonly after?: readonly string[];
  /** Of the protocol. @defaultValue 1 */
  readonly version?: number;
  /** Both, to go on as the instance that was registered before. */
  readonly id?: string;
  /** Beside `id`. */
  readonly token?: string;
}

/** The answer to {@link Registration}. */
export interface Registered {
  /** Names the instance in all paths below `/v1/instances`. */
  readonly id: string;
  /** For `Authorization: Bearer` in all that the instance says later. */
  readonly token: string;
  /** How often the companion was started anew in this pod; from 1 on. */
  readonly epoch: number;
  /** Where the instance is on its way. */
  readonly state: InstanceState;
  /** Where the pod is on its way. */
  readonly pod: PodState;
  /** While the pod terminates: what is left of its grace for this instance. */
  readonly deadline?: { readonly remainingMs: number };
}

/** `PATCH /v1/instances/{id}`, and each line of `POST /v1/instances/{id}/state`. */
export interface InstanceUpdate {
  /** Whether it serves, and would be sent more. */
  readonly ready?: boolean;
  /** Why it is not ready, for the person who asks. */
  readonly reason?: string;
  /** It leaves, for good. */
  readonly state?: 'lame-duck' | 'draining' | 'closing';
  /** Requests it has at this moment. */
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
  /** What its shutdown came to. */
  readonly verdict?: 'clean' | 'forced' | 'failed';
  /** Why it left. */
  readonly reason?: string;
  /** What its process exits with. */
  readonly exitCode?: number;
  /** How long its shutdown took, in milliseconds. */
  readonly durationMs?: number;
  /** Its requests since its shutdown began. */
  readonly requests?: {
    /** Answered whole. */
    readonly served?: number;
    /** Lost. */
    readonly dropped?: number;
    /** Those it had when it began. */
    readonly inFlightAtStart?: number;
    /** Of the served, those before its listener closed. */
    readonly servedInLameDuck?: number;
  };
  /** More, which is kept as it is. */
  readonly [more: string]: unknown;
}

/** `POST /v1/drain`. */
export interface DrainRequest {
  /** Who wants it. */
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
  /** `code` is for programs, `message` for people: what was expected, and what came. */
  readonly error: { readonly code: string; readonly message: string };
}
