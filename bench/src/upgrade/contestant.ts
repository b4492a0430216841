import type { Address } from '@graceful/conformance/client';
import type { Cost } from './processes.js';

/** Where a contestant is asked, while it is replaced again and again. */
export interface Running {
  readonly tcp: Address;
  readonly unix: Address;
  /** Replace what serves; resolves when the replacement is complete: the new one serves, and of the old one no process is left. */
  upgrade(): Promise<void>;
  /** What the process costs that only watches over those who serve, where there is one. */
  watcher?(): Cost;
  /** End all of it, and leave nothing behind. */
  stop(): Promise<void>;
}

/** A way to replace a running server, in its best documented configuration. */
export interface Contestant {
  /** As the command line names it. */
  readonly id: string;
  /** As the results name it. */
  readonly name: string;
  readonly role: 'ours' | 'other';
  /** How it is set up, for the person who reads the results. */
  readonly setup: string;
  /** What answers here, with its version; `undefined` where this machine has none. */
  version(): Promise<string | undefined>;
  /** `folder` is empty, and goes away with the run. */
  start(folder: string): Promise<Running>;
}

/** Loopback, in the clear. */
export function loopback(port: number): Address {
  return { host: '127.0.0.1', port, tls: false };
}

export function unixSocket(path: string): Address {
  return { host: 'localhost', port: 0, tls: false, path };
}
