import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CompanionError } from '../companion-error.js';

/** Where a port is bound. */
export interface Address {
  /** The address of the machine, such as `0.0.0.0` for all of IPv4. */
  readonly host: string;
  /** 0 asks for a free one. */
  readonly port: number;
}

/**
 * Bind a port.
 *
 * @throws CompanionError `ERR_COMPANION_LISTEN`
 */
export function listenOn(server: Server, what: string, { host, port }: Address): Promise<Address> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) =>
      reject(
        new CompanionError(
          'ERR_COMPANION_LISTEN',
          `Expected to listen on ${host}:${port}, got ${cause.message}. Choose another host or port for \`${what}\`.`,
          { cause },
        ),
      );
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      const bound = server.address() as AddressInfo;
      resolve({ host: bound.address, port: bound.port });
    });
  });
}
