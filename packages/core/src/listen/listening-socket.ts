import type { AddressInfo } from 'node:net';
import type { HttpServer } from '../http-server.js';
import type { InheritedSocket } from './inherited.js';
import { isInFileSystem } from './unix-path.js';

/** A server that listens, and the socket it listens on. */
export interface ListeningSocket extends Omit<InheritedSocket, 'sameService'> {
  /** The server itself. */
  readonly server: HttpServer;
  /** Whether its path outlives this process where another goes on listening; true for TCP. */
  readonly keepsPath: boolean;
}

/** What is known of a server beside its socket. */
export interface Opened {
  readonly name: string;
  /** `undefined`: Node itself opened it, and does not tell. */
  readonly backlog?: number;
  readonly keepsPath: boolean;
  readonly ownsPath: boolean;
}

/** What `server` listens on; `undefined` where it has no socket of its own. */
export function listeningSocket(
  server: HttpServer,
  { name, backlog, keepsPath, ownsPath }: Opened,
): ListeningSocket | undefined {
  // No public way leads to it.
  const { _handle: handle } = server as unknown as { _handle?: { readonly fd?: number } | null };
  const fd = handle?.fd;
  // In a worker of a cluster its primary listens; on Windows there are no descriptors.
  if (fd === undefined || fd < 0) return undefined;
  const address: AddressInfo | string | null = server.address();
  const known = { name, server, fd, ...(backlog !== undefined && { backlog }) };
  return typeof address === 'string'
    ? {
        ...known,
        kind: 'unix',
        path: address,
        keepsPath: keepsPath || !isInFileSystem(address),
        ...(ownsPath && { ownsPath }),
      }
    : {
        ...known,
        kind: 'tcp',
        ...(address && { host: address.address, port: address.port }),
        keepsPath: true,
      };
}
