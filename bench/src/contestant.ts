/** The kind of server a library is put on; overhead is measured over the bare server of the same kind. */
export type Kind = 'node:http' | 'Express 5' | 'Fastify' | 'node:http2' | 'ws';

/** The time every contestant gets, the same for all. */
export interface Grace {
  /** Go on serving for this long after SIGTERM, in milliseconds; for those who have a documented place for it. */
  readonly preDrainMs: number;
  /** Time for the work in flight, in milliseconds. */
  readonly drainMs: number;
}

/** Where a library says whether its service is ready. */
type Readiness = string | { readonly path: string; readonly portVariable: string };

/** One library in its best documented configuration. Adding one is adding a file to `contestants/`. */
export interface Contestant {
  readonly name: string;
  readonly role: 'bare' | 'control' | 'ours' | 'peer';
  readonly kind: Kind;
  /** What it keeps books of while it serves, which is what its overhead pays for. */
  readonly tracks: { readonly connections: boolean; readonly requests: boolean };
  /** It documents a place for a pre-drain, and its setup uses it. */
  readonly preDrains?: boolean;
  /** Where it says whether the service is ready, if it does. */
  readonly readiness?: Readiness;
  /** npm packages whose versions the results name. */
  readonly packages: readonly string[];
  /** How it is set up, in words, for the person who reads the results. */
  readonly setup: string;
  /** Start the service of `service/` under the library, on a loopback port. */
  start(grace: Grace): Promise<number>;
}
