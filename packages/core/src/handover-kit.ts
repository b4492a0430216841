import { channel } from 'node:diagnostics_channel';
import type { Graceful } from './graceful.js';
import type { ShutdownReport } from './lifecycle/report.js';
import type { InheritedSocket } from './listen/inherited.js';
import type { PendingListen } from './listen/listeners.js';
import type { ListeningSocket } from './listen/listening-socket.js';
import type { Logger } from './observe/log.js';

/** What a hand-over may do with a service beside its users; see `@graceful/core/handover`. */
export interface HandoverKit {
  /** Of this interface. */
  readonly version: 1;
  /** The service's own. */
  readonly logger: Logger | false;
  /** Sockets that `listen()` may adopt instead of binding; one with a descriptor that is known already is told more exactly. */
  inherit(sockets: readonly InheritedSocket[]): void;
  /** Inherited, and not adopted so far. */
  unclaimed(): readonly InheritedSocket[];
  /** Close those, and remove the paths of Unix sockets that are this service's own: a new version listens there no more. */
  dropUnclaimed(): void;
  /** Ask `gate` before each `listen()`: it listens when the promise resolves, and rejects with what that rejects with. */
  holdListen(gate: (pending: PendingListen) => Promise<void>): Disposable;
  /** Hear that `pendingListens`, `prepared` or `listening()` may have changed. */
  onChange(listener: () => void): Disposable;
  /** Calls of `listen()` that have begun and not ended, but for that of the probes. */
  readonly pendingListens: number;
  /** All that is missing for being ready is a server that listens. */
  readonly prepared: boolean;
  /** What listens now, the server of the probes included. */
  listening(): readonly ListeningSocket[];
  /** Another process has the sockets, too: paths of Unix sockets stay when they close here. Disposing takes it back. */
  handOver(): Disposable;
  /** Leave because another has taken over: like `shutdown()`, without a lame-duck, for clients find the same address. */
  leave(reason: string): Promise<ShutdownReport>;
}

const services = channel('graceful:service');

/** Tell of a new service, so that what was loaded before the app finds it, whichever copy of this package it is of. */
export function publishService(graceful: Graceful, kit: HandoverKit): void {
  if (services.hasSubscribers) services.publish({ version: 1, graceful, kit });
}
