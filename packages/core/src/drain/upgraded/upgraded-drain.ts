import { claim, noteEnd } from '../connection.js';
import type { Drainable } from '../drainable.js';
import { spanFor, Spread } from '../spread.js';
import type { ResolvedCloseOptions } from './close-options.js';
import type { Peers } from './peers.js';

/** How often to see, at the most, whether a close frame was answered, in milliseconds. */
const shortestLookMs = 20;

/**
 * How upgraded sockets leave: they stay while the lame-duck lasts, as one
 * that is told then comes straight back here; after it each is told in its
 * turn, has a while to answer, and is cut if it does not.
 */
export class UpgradedDrain<Peer> implements Drainable, Disposable {
  readonly name: string;
  readonly #peers: Peers<Peer>;
  readonly #options: ResolvedCloseOptions;
  readonly #longest: { readonly spreadMs: number };
  /** Those that are here since the service stopped accepting, each with the timer of its patience once it was told. */
  readonly #here = new Map<Peer, NodeJS.Timeout | undefined>();
  #spread: Spread<Peer> | undefined;
  #arrivals: Disposable | undefined;
  /** Cut before the end of the budget, as they did not answer. */
  #stragglers = 0;
  #error: unknown;
  #onEmpty: () => void = () => {};

  /**
   * @param longest - the longest span where none was asked for, in milliseconds; it may change until they leave
   */
  constructor(peers: Peers<Peer>, options: ResolvedCloseOptions, longest: { readonly spreadMs: number }) {
    this.name = options.name;
    this.#peers = peers;
    this.#options = options;
    this.#longest = longest;
  }

  stopAccepting(budgetMs: number = Infinity): void {
    this.#peers.stopAccepting?.();
    for (const peer of this.#peers.all()) this.#meet(peer);
    const { spreadMs } = this.#options;
    const peers = [...this.#here.keys()];
    this.#spreadOver(
      peers,
      spreadMs ?? spanFor(peers.length, Math.min(this.#longest.spreadMs, budgetMs / 2)),
    );
    // For good: an upgrade that was begun may finish after the others have gone.
    this.#arrivals = this.#peers.onArrival(() => this.#look());
  }

  hurry(remainingMs: number): void {
    const waiting = this.#spread?.waiting ?? [];
    this.#spread?.[Symbol.dispose]();
    this.#spreadOver(waiting, spanFor(waiting.length, remainingMs / 2));
  }

  async drained(): Promise<number> {
    if (this.#here.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    }
    if (this.#error !== undefined) throw this.#error;
    return this.#stragglers;
  }

  force(): number {
    this.#spread?.[Symbol.dispose]();
    // With those that were cut before: who is forced is not asked what it dropped on its way.
    let dropped = this.#stragglers;
    for (const peer of this.#here.keys()) if (this.#cut(peer)) dropped++;
    return dropped;
  }

  /** Nobody is waited for, told or cut any more. */
  [Symbol.dispose](): void {
    this.#arrivals?.[Symbol.dispose]();
    this.#spread?.[Symbol.dispose]();
    for (const timer of this.#here.values()) clearTimeout(timer);
    this.#here.clear();
  }

  #spreadOver(peers: readonly Peer[], overMs: number): void {
    this.#spread = new Spread({
      items: peers,
      overMs,
      each: (peer) => this.#tell(peer),
      onError: (error, peer) => this.#failed(error, peer),
    });
  }

  #look(): void {
    for (const peer of this.#peers.all()) {
      if (this.#here.has(peer)) continue;
      this.#meet(peer);
      this.#spread?.add(peer);
    }
  }

  #meet(peer: Peer): void {
    this.#here.set(peer, undefined);
    const socket = this.#peers.socketOf(peer);
    if (socket) claim(socket);
    this.#peers.meet(peer, () => this.#gone(peer));
  }

  #tell(peer: Peer): void {
    const socket = this.#peers.socketOf(peer);
    if (socket) noteEnd(socket, 'told');
    this.#peers.tell(peer);
    this.#beginPatience(peer);
  }

  #failed(error: unknown, peer: Peer): void {
    this.#error ??= error;
    this.#giveUp(peer);
  }

  /** A slow reader has not seen the close frame before all that was sent before it: no patience is lost meanwhile. */
  #beginPatience(peer: Peer): void {
    const { closeMs } = this.#options;
    const everyMs = Math.max(shortestLookMs, closeMs / 4);
    let latestAt = performance.now() + closeMs;
    const look = () => {
      const now = performance.now();
      if (this.#peers.hasUnsent(peer)) latestAt = now + closeMs;
      // Its answer may have come while this process stood still: read first.
      else if (latestAt <= now) return void setImmediate(() => this.#giveUp(peer));
      wait(Math.max(latestAt - now, 1));
    };
    const wait = (ms: number) => {
      if (this.#here.has(peer)) this.#here.set(peer, setTimeout(look, Math.ceil(Math.min(ms, everyMs))));
    };
    wait(closeMs);
  }

  #giveUp(peer: Peer): void {
    if (this.#here.has(peer) && this.#cut(peer)) this.#stragglers++;
  }

  #cut(peer: Peer): boolean {
    const socket = this.#peers.socketOf(peer);
    const lost = this.#peers.cut(peer);
    if (socket) noteEnd(socket, lost ? 'forced' : 'told');
    return lost;
  }

  #gone(peer: Peer): void {
    clearTimeout(this.#here.get(peer));
    this.#here.delete(peer);
    this.#spread?.remove(peer);
    if (this.#here.size === 0) this.#onEmpty();
  }
}
