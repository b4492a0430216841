import type { ListenOptions } from '@graceful/core';

/** Who calls `listen()`, and of what. */
export type Caller = 'core' | 'attached' | 'fastify' | 'express';

/** How a service is to listen. */
export interface ListeningConfig {
  readonly caller?: Caller;
  readonly servers?: readonly (ListenOptions & {
    readonly readableAll?: boolean;
    readonly writableAll?: boolean;
  })[];
  /** So many processes of a cluster listen, instead of one alone. */
  readonly workers?: number;
  readonly probesPort?: number;
  /** Start a program, and say what it was given. */
  readonly starts?: boolean;
  /** Change to this folder when all listen. */
  readonly moves?: string;
  readonly umask?: number;
  /** How long the drain waits for a request for `/held`, which is never answered, in milliseconds. */
  readonly requestsMs?: number;
}

/** A socket of a service, as it sees it. */
export interface Seen {
  readonly name: string;
  readonly fd: number;
  readonly kind: string;
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  readonly backlog?: number;
  readonly keepsPath: boolean;
  readonly ownsPath?: boolean;
}

/** What a service says, one line each. */
export type Said =
  | { readonly says: 'listening'; readonly sockets: readonly Seen[]; readonly unclaimed: readonly string[] }
  | { readonly says: 'failed'; readonly name: string; readonly code: string; readonly message: string }
  /** All workers of a cluster listen. */
  | { readonly says: 'shared' }
  /** A request has come that is never answered. */
  | { readonly says: 'held' }
  | {
      readonly says: 'child';
      readonly descriptors: readonly string[];
      readonly environment: readonly string[];
    };
