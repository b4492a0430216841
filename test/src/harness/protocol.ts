import type { ShutdownReport } from '@graceful/core';

/**
 * What a service under test and the harness say to each other over IPC.
 * A scenario asks for a service by its {@link ServiceConfig} and knows
 * nothing else about it.
 */

/** How long each part of a departure may take; the names are those of `createGraceful`. */
export interface DrainConfig {
  readonly delayMs: number | { readonly minMs: number; readonly maxMs: number; readonly quietMs: number };
  readonly requestsMs: number;
  readonly hooksMs: number;
  readonly idleMs: number;
  /** 0 where it is left out. */
  readonly tellMs?: number;
  /** Half of `requestsMs` where it is left out. */
  readonly spreadMs?: number;
  /** A second where it is left out. */
  readonly retryMs?: number;
}

/** A hook of the service: what it does when it is run. `waits`: until it is released. */
export interface HookConfig {
  readonly name: string;
  readonly does: 'ends' | 'waits' | 'hangs' | 'throws' | 'rejects' | 'rejects-undefined';
  readonly phase?: 'drain' | 'close' | 'flush';
  readonly after?: readonly string[];
  readonly timeoutMs?: number;
}

/** A check of the service. */
export interface CheckConfig {
  readonly name: string;
  readonly does: 'passes' | 'hangs' | 'throws' | 'rejects-undefined';
}

/** One of the things that a service listens on: an address of loopback, or a Unix socket. */
export interface ListenerConfig {
  readonly host?: string;
  readonly path?: string;
  /** For the programs that can do either. */
  readonly tls?: boolean;
}

/** The service that a scenario wants; in the environment as JSON, under `GRACEFUL_TEST`. */
export interface ServiceConfig {
  readonly drain: DrainConfig;
  /** For how long an unused connection is promised to stay open. */
  readonly keepAliveMs: number;
  readonly hooks?: readonly HookConfig[];
  readonly checks?: readonly CheckConfig[];
  /** Where it listens; on whatever port is free where this is not said. */
  readonly port?: number;
  /** The probes answer on a port of their own. */
  readonly probePort?: number;
  /** Listen only when told. */
  readonly listensWhenTold?: boolean;
  /** Listening, but held back: not ready until told. */
  readonly heldBack?: boolean;
  /** A second server, for the same routes, under the same lifecycle. */
  readonly secondServer?: boolean;
  /** Servers for the same routes under the same lifecycle, instead of those. */
  readonly listeners?: readonly ListenerConfig[];
  /** Leave something behind that keeps the event loop alive. */
  readonly leaves?: 'timer' | 'listener';
}

/** From the harness to the service. */
export type Command =
  /** Let go of the held request, or the waiting hook, of this name. */
  | { readonly type: 'release'; readonly id: string }
  | { readonly type: 'listen' }
  | { readonly type: 'ready' }
  | { readonly type: 'crash'; readonly how: 'throw' | 'reject' };

/** A notice on its way; `at` is when it was sent, by the clock that all processes of a machine share, in milliseconds. */
export interface Posted {
  readonly at: number;
  readonly notice: Notice;
}

/** The clock that all processes of a machine share, in milliseconds. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** From the service to the harness. */
export type Notice =
  /** The program runs, and its signal handlers are in place. */
  | { readonly type: 'loaded' }
  /** It listens; the port of a Unix socket is 0. */
  | { readonly type: 'ready'; readonly ports: readonly number[] }
  /** It could not; what was thrown is thrown on, as it is in a program that does not expect it. */
  | { readonly type: 'listen-failed' }
  | { readonly type: 'state'; readonly state: string; readonly previous: string; readonly reason?: string }
  /** A handler has been called for a request that names itself. */
  | { readonly type: 'entered'; readonly id: string }
  /** All of an answer has been handed to the kernel. */
  | { readonly type: 'finished'; readonly id: string }
  /** A WebSocket that names itself has ended, and so many messages had been handed to it. */
  | { readonly type: 'sent'; readonly id: string; readonly messages: number }
  | { readonly type: 'hook'; readonly name: string; readonly at: 'begin' | 'end' }
  | { readonly type: 'signal'; readonly signal: string; readonly first: boolean }
  /** The departure is over; the same report stands in the log. */
  | { readonly type: 'report'; readonly report: ShutdownReport };
