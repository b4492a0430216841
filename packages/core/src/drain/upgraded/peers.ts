import type { Socket } from 'node:net';

/** The other ends of upgraded sockets, and how one speaks to them: one implementation for each library. */
export interface Peers<Peer> {
  /** All that are there now. */
  all(): Iterable<Peer>;
  /** Take no new ones, where nobody else sees to that. */
  stopAccepting?(): void;
  /** Call `look` when there may be a new one. */
  onArrival(look: () => void): Disposable;
  /** The service is leaving. Called once for each, before it is told. Call `gone` when it has gone. */
  meet(peer: Peer, gone: () => void): void;
  /** Send what is left to send, then say that this is the end. */
  tell(peer: Peer): void;
  /** Whether something waits to be sent to it. */
  hasUnsent(peer: Peer): boolean;
  /** Cut it; false if nothing can have been lost by that. */
  cut(peer: Peer): boolean;
  /** What it is connected over, if that is known and its own. */
  socketOf(peer: Peer): Socket | undefined;
}
