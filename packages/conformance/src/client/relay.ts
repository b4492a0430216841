import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';
import { type Address, endpointOf } from './connection.js';

/** Carries what one side sends to the other. */
export type Carry = (from: Socket, to: Socket) => void;

/**
 * A network between clients and a service. On loopback each side hears of
 * everything at once; the requests that are lost in the world are lost
 * because it does not.
 */
export class Relay implements Disposable {
  /** Where clients connect to reach the service through it. */
  readonly address: Address;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  /** A `target` that is a function is asked for each connection: a relay stays where it is while services change behind it. */
  static async to(target: Address | (() => Address), there: Carry, back: Carry): Promise<Relay> {
    const current = typeof target === 'function' ? target : () => target;
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
      const far = createConnection({ ...endpointOf(current()), allowHalfOpen: true, noDelay: true });
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
      }
      there(near, far);
      back(far, near);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new Relay(server, sockets, current().tls);
  }

  private constructor(server: Server, sockets: Set<Socket>, tls: boolean) {
    this.#server = server;
    this.#sockets = sockets;
    const { port } = server.address() as AddressInfo;
    this.address = { host: '127.0.0.1', port, tls };
  }

  /** Take it down, and every connection through it. */
  [Symbol.dispose](): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Everything is under way for `ms`. */
export function late(ms: number): Carry {
  return (from, to) => {
    // Timers of one duration run in the order in which they were set.
    carry(from, to, (act) => void setTimeout(act, ms));
  };
}

/** Everything arrives at once. */
export const straight: Carry = (from, to) => carry(from, to, (act) => act());

/** Lets the first `bytes` of each connection through; the rest waits until `opened`. */
export function gate(bytes: number, opened: Promise<unknown>): Carry {
  return (from, to) => {
    let left = bytes;
    from.on('data', (data: Buffer) => {
      const now = data.subarray(0, left);
      const then = data.subarray(left);
      left -= now.length;
      if (now.length > 0) to.write(now);
      void opened.then(() => then.length > 0 && to.write(then));
    });
    from.on('end', () => void opened.then(() => to.end()));
    from.on('error', () => to.resetAndDestroy());
  };
}

function carry(from: Socket, to: Socket, when: (act: () => void) => void): void {
  from.on('data', (bytes: Buffer) => when(() => to.write(bytes)));
  from.on('end', () => when(() => to.end()));
  from.on('error', () => when(() => to.resetAndDestroy()));
}
