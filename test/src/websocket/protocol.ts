import type { ConnectionCounts, DrainOptions } from '@graceful/core';
import type { CloseOptions } from '@graceful/core/websocket';

/** What a service is built on. */
export const stacks = ['http', 'https', 'express', 'fastify', 'fastify-websocket'] as const;
type Stack = (typeof stacks)[number];

/** How a service is set up. */
export interface SocketServiceConfig {
  readonly stack: Stack | 'socket.io';
  readonly drain: DrainOptions;
  readonly close?: CloseOptions;
  /** Compress messages; on the server that takes a while, and goes on in threads. */
  readonly deflate?: boolean;
}

/** What the harness says to a service. */
export type SocketCommand =
  /** Answer the requests that are held, and finish the upgrades that are. */
  | { readonly type: 'release' }
  /** Send this to every client, now: first so many bytes that cannot be compressed, then the messages. */
  | { readonly type: 'send'; readonly messages: readonly string[]; readonly fillerBytes?: number }
  /** End the lame-duck of {@link untilTold} now. */
  | { readonly type: 'drain' }
  /** Say how many connections there are. */
  | { readonly type: 'count' };

/** Budgets whose lame-duck lasts until the harness ends it: a hundredth of each is what is then left. */
export const untilTold: DrainOptions = {
  delayMs: 30_000,
  requestsMs: 2_000_000,
  hooksMs: 500_000,
  idleMs: 0,
};
/** What the deadline is shortened to, in milliseconds. */
export const onceToldMs = 25_300;

/** What a service says to the harness. */
export type SocketNotice =
  | { readonly type: 'listening'; readonly port: number }
  /** A request or an upgrade is held. */
  | { readonly type: 'held'; readonly path: string }
  /** A client is there; `clients` are. */
  | { readonly type: 'connected'; readonly clients: number }
  | { readonly type: 'heard'; readonly text: string }
  | { readonly type: 'sent' }
  | { readonly type: 'counted'; readonly connections: ConnectionCounts };
