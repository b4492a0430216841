import type { Socket } from 'node:net';

/** A TLS socket of Node knows the socket under it; undocumented, the same from 20 to 26. */
interface OverTls {
  readonly _parent?: Socket;
}

/**
 * TLS handshakes in progress. Neither requests nor idle connections: whoever
 * takes the raw socket under TLS for an idle connection cuts live requests.
 */
export class Handshakes implements Iterable<Socket> {
  readonly #open = new Set<Socket>();
  readonly #onEnd: () => void;
  /** How many were ever begun. */
  begun = 0;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  get size(): number {
    return this.#open.size;
  }

  [Symbol.iterator](): Iterator<Socket> {
    return this.#open.values();
  }

  add(raw: Socket): void {
    this.begun++;
    this.#open.add(raw);
    raw.once('close', () => this.#remove(raw));
  }

  /** The handshake that led to `secure` is done. */
  done(secure: Socket): void {
    const raw = (secure as OverTls)._parent;
    if (raw) this.#remove(raw);
  }

  #remove(raw: Socket): void {
    if (this.#open.delete(raw)) this.#onEnd();
  }
}
