import { once } from 'node:events';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { type Address, endpointOf, type Carry, Relay, straight } from '@graceful/conformance/client';
import { clientHello } from './client-hello.js';

/** The versions that Node speaks; a handshake takes one round trip more in the older one. */
export const versions = ['TLSv1.2', 'TLSv1.3'] as const;

export type Version = (typeof versions)[number];

/** A TLS connection with its handshake done. */
export async function shakeHands(address: Address, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({
    ...endpointOf(address),
    ...options,
    rejectUnauthorized: false,
  } as ConnectionOptions);
  await once(socket, 'secureConnect');
  return socket;
}

/** A handshake of which the service has a part. */
export class PartedHandshake implements Disposable {
  /** Resolves when it is done. */
  readonly done: Promise<TLSSocket>;
  /** Resolves when the service has ended it. */
  readonly cut: Promise<void>;
  readonly #relay: Relay;
  readonly #open: () => void;

  /** Resolves when the first `bytes` of it are under way; the rest waits. */
  static async begin(address: Address, version: Version, bytes: number): Promise<PartedHandshake> {
    let open!: () => void;
    let sent!: () => void;
    let cut!: () => void;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const begun = new Promise<void>((resolve) => (sent = resolve));
    const wasCut = new Promise<void>((resolve) => (cut = resolve));
    const back: Carry = (from, to) => {
      for (const event of ['end', 'error', 'close']) from.once(event, cut);
      straight(from, to);
    };
    const relay = await Relay.to(address, holdAfter(bytes, sent, opened), back);
    const done = shakeHands(relay.address, { maxVersion: version });
    done.catch(() => {});
    await begun;
    return new PartedHandshake(relay, done, wasCut, open);
  }

  private constructor(relay: Relay, done: Promise<TLSSocket>, cut: Promise<void>, open: () => void) {
    this.#relay = relay;
    this.done = done;
    this.cut = cut;
    this.#open = open;
  }

  /** Let the rest of it through, and everything after. */
  complete(): Promise<TLSSocket> {
    this.#open();
    return this.done;
  }

  [Symbol.dispose](): void {
    this.#relay[Symbol.dispose]();
  }
}

/**
 * Where a handshake may be interrupted, in bytes: within the header of the
 * first record, after it, in the middle of the ClientHello, and after it,
 * before the client's second flight.
 */
export async function interruptions(version: Version): Promise<readonly number[]> {
  const { length } = await clientHello({ maxVersion: version });
  return [1, 5, Math.floor(length / 2), length];
}

function holdAfter(bytes: number, sent: () => void, opened: Promise<void>): Carry {
  return (from, to) => {
    let left = bytes;
    from.on('data', (data: Buffer) => {
      const now = data.subarray(0, left);
      const later = data.subarray(left);
      left -= now.length;
      // Whether the service has it, nobody tells; the kernel has, and keeps the order.
      if (now.length > 0) to.write(now, () => left === 0 && sent());
      if (later.length > 0) void opened.then(() => to.write(later));
    });
    from.on('end', () => void opened.then(() => to.end()));
    from.on('error', () => to.resetAndDestroy());
  };
}
