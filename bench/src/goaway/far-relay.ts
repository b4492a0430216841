import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A network between clients and a server on this machine: everything is under way for half of the round trip. */
export class FarRelay implements Disposable {
  readonly port: number;
  readonly #close: () => void;

  static async to(port: number, rttMs: number): Promise<FarRelay> {
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
      const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
      }
      carry(near, far, rttMs / 2);
      carry(far, near, rttMs / 2);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FarRelay((server.address() as AddressInfo).port, () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
  }

  private constructor(port: number, close: () => void) {
    this.port = port;
    this.#close = close;
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}

function carry(from: Socket, to: Socket, oneWayMs: number): void {
  // Timers of one length fire in the order they were set: nothing overtakes.
  const later = (action: () => void): void => {
    if (oneWayMs === 0) action();
    else setTimeout(action, oneWayMs);
  };
  from.on('data', (data: Buffer) => later(() => to.write(data)));
  from.on('end', () => later(() => to.end()));
  from.on('error', () => to.destroy());
}
