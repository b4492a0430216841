import type { Random } from './random.js';
import type { Adapter, Trial } from './suite.js';

/** What a client is given when it begins. */
export interface Visit {
  readonly trial: Trial;
  readonly random: Random;
  /** Aborted when the service has gone. */
  readonly over: AbortSignal;
  /** Where clients that keep books of their own leave them; those of HTTP/1.1 are kept by the trial. */
  readonly witnesses: Witness[];
}

/** Something that happened, by `performance.now()`. */
export type Event = readonly [at: number, what: string];

/** A client with manners, and what it has to say when all is over. */
export interface Witness {
  tally(trial: Trial): Tally;
  /** For whoever has to find out why. */
  readonly events: readonly Event[];
  /** Leave nothing behind. */
  destroy(): void;
}

/** A kind of client. */
export interface Kind {
  readonly name: string;
  /** Who has good manners is owed an answer to every request; who has bad ones may not harm the others. */
  readonly manners: 'good' | 'bad';
  /** Resolves when the client has gone: on its own account, or as the service ended or refused. */
  visit(visit: Visit): Promise<void>;
}

/** What came of the requests of all clients with good manners. */
export interface Tally {
  readonly connections: number;
  readonly answered: number;
  /** Not begun by the service, which said so: the client may ask elsewhere. */
  readonly refused: number;
  /** Messages of WebSockets that came. */
  readonly messages: number;
  /** Not written whole when the connection ended, and the client knew. */
  readonly withdrawn: number;
  /** Written whole and not answered whole, a sentence each. */
  readonly lost: readonly string[];
  /** What else was not as it should be, in sentences. */
  readonly violations: readonly string[];
}

/** A way of speaking to a service. A new one is one more entry in `protocols.ts`. */
export interface Protocol {
  readonly name: string;
  /** The service that speaks it. */
  readonly adapter: Adapter;
  readonly kinds: readonly Kind[];
}
