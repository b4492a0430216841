import { fileURLToPath } from 'node:url';
import type { DrainOptions } from '@graceful/core';
import { node } from './supervisor-process.js';

/** What a service does beside answering. */
export interface Behaviour {
  /** What it answers with. */
  readonly version?: string;
  readonly drain?: DrainOptions;
  readonly tls?: boolean;
  /** Of a Unix socket that it listens on as well. */
  readonly path?: string;
  /** It hands on what it was told to remember. */
  readonly memory?: 'kept' | 'cannot be saved' | 'cannot be taken';
  /** So many bytes more are handed on. */
  readonly ballast?: number;
  /** It does nothing at these signals. */
  readonly ignores?: readonly NodeJS.Signals[];
  /** It ends by itself. */
  readonly goes?: {
    readonly at: 'start' | 'listening';
    readonly code?: number;
    readonly signal?: NodeJS.Signals;
  };
  /** It starts a program whose parent ends before it does. */
  readonly orphan?: boolean;
  readonly neverReady?: boolean;
  /** It prints a line of so many characters again and again. */
  readonly talks?: number;
}

function program(name: string): string {
  return fileURLToPath(new URL(`../../dist/supervisor/services/${name}.js`, import.meta.url));
}

/** The command that starts a Node service. */
export function nodeService(behaviour: Behaviour = {}): readonly [string, ...string[]] {
  return [node, program('node-service'), JSON.stringify(behaviour)];
}

/** The command that starts a server of `node:http` and nothing else. */
export function plainServer(options: {
  readonly version: string;
  readonly neverListens?: boolean;
}): readonly [string, ...string[]] {
  return [node, program('plain-server'), JSON.stringify(options)];
}

/** What a program that is no friend says on its channel, word by word. */
export type Said =
  /** The right greeting, or with something else in it. */
  | { readonly hello: { readonly v?: number; readonly token?: string } }
  /** Bytes, as they are. */
  | { readonly bytes: string }
  /** So many bytes without the end of a line. */
  | { readonly flood: number };

/** The command that starts a program that says this, and then stays; deaf to SIGTERM, if so wanted. */
export function rawChild(said: readonly Said[], deaf = false): readonly [string, ...string[]] {
  return ['env', '-u', 'NODE_OPTIONS', node, program('raw-child'), JSON.stringify({ said, deaf })];
}

/** The command that starts a server in Python, which knows nothing of any of this. */
export function pythonService(version: string): readonly [string, ...string[]] {
  const script = fileURLToPath(new URL('../../fixtures/listen-fds-server.py', import.meta.url));
  return ['python3', script, version];
}
