import type { Server } from 'node:net';
import { GracefulError, shown } from '../errors.js';
import { expectName, expectObject, expectPort } from '../expect.js';

/** Where a server listens: a port (0 for a free one), or the path of a Unix socket. */
export interface ListenAddress {
  /** A TCP port; 0 for a free one. */
  readonly port?: number;
  /**
   * The address to bind.
   *
   * @defaultValue all addresses
   */
  readonly host?: string;
  /** Of a Unix socket, instead of a port. A socket that a killed process left behind is replaced. */
  readonly path?: string;
  /**
   * Connections that may wait to be accepted; the kernel caps it at `net.core.somaxconn`.
   *
   * @defaultValue 511; of an inherited socket, what its giver had asked for
   */
  readonly backlog?: number;
  /**
   * Bind beside others that do so, too, and let the kernel spread connections
   * among them (`SO_REUSEPORT`, socket(7)). Each has a queue of its own: what
   * waits in it when its process leaves is reset, so that a hot upgrade shares
   * one socket instead. Needs Node 22.12 or 23.1, and Linux 3.9, FreeBSD 12 or
   * the like.
   *
   * @defaultValue false
   */
  readonly reusePort?: boolean;
}

/** The names of what {@link ListenAddress} may hold. */
export const addressKeys: readonly (keyof ListenAddress)[] = ['port', 'host', 'path', 'backlog', 'reusePort'];

/**
 * Let `server` listen. Resolves when connections are accepted.
 *
 * @param begin - calls what lets it listen
 * @param where - of what an error speaks
 * @param bound - what else is to be done before anybody hears that it listens; what it throws, this rejects with
 * @throws {@link GracefulError} `ERR_GRACEFUL_PORT_IN_USE`, `ERR_GRACEFUL_LISTEN`
 */
export function listenOn(
  server: Server,
  begin: () => void,
  where: string,
  bound?: () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let isBound = false;
    const settle = () => {
      server.off('error', fail);
      server.off('listening', listens);
    };
    const fail = (error: Error) => {
      settle();
      if (server.listening) server.close();
      reject(error instanceof GracefulError ? error : listenError(error, where));
    };
    const bind = () => {
      if (isBound) return;
      isBound = true;
      try {
        bound?.();
      } catch (error) {
        fail(error as Error);
      }
    };
    const listens = () => {
      bind();
      settle();
      resolve();
    };
    server.once('error', fail);
    server.prependOnceListener('listening', listens);
    try {
      begin();
      // At once, and it is told a tick later; but where a host is looked up, and in a worker of a cluster.
      if (server.listening) bind();
    } catch (error) {
      fail(error as Error);
    }
  });
}

/**
 * @throws {@link GracefulError} `ERR_GRACEFUL_OPTION`
 */
export function assertAddress(address: ListenAddress): void {
  expectObject('the address to listen on', address);
  const { port, path, host, reusePort } = address;
  if (host !== undefined) expectName('`host`', host);
  if ((port === undefined) === (path === undefined)) {
    throw new GracefulError(
      'ERR_GRACEFUL_OPTION',
      `Expected either \`port\` or \`path\` to listen on, got ${port === undefined ? 'neither' : 'both'}.`,
    );
  }
  if (port !== undefined) expectPort('`port`', port);
  if (path !== undefined && (typeof path !== 'string' || path === '')) {
    throw new GracefulError(
      'ERR_GRACEFUL_OPTION',
      `Expected \`path\` to be a socket's path, got ${shown(path)}.`,
    );
  }
  if (reusePort !== undefined) assertReusePort(reusePort, path);
}

function assertReusePort(reusePort: unknown, path: string | undefined): void {
  if (typeof reusePort !== 'boolean') {
    throw new GracefulError(
      'ERR_GRACEFUL_OPTION',
      `Expected \`reusePort\` to be true or false, got ${shown(reusePort)}.`,
    );
  }
  if (!reusePort) return;
  if (path !== undefined) {
    throw new GracefulError(
      'ERR_GRACEFUL_OPTION',
      'Expected `reusePort` together with a `port`, got a `path`. A Unix socket has no such thing.',
    );
  }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  // Earlier ones disregard it, and the second of two would not start.
  if (major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)) return;
  throw new GracefulError(
    'ERR_GRACEFUL_OPTION',
    `Expected Node 22.12, 23.1 or newer for \`reusePort\`, got ${process.version}. Leave it out, or use a newer Node.`,
  );
}

function listenError(cause: Error & { readonly code?: string }, where: string): GracefulError {
  if (cause.code === 'EADDRINUSE') {
    return new GracefulError(
      'ERR_GRACEFUL_PORT_IN_USE',
      `Expected ${where} to be free to listen on, got EADDRINUSE: another process, or another server of this one, listens there. ` +
        'Stop it, or choose another address.',
      { cause },
    );
  }
  return new GracefulError('ERR_GRACEFUL_LISTEN', `Expected to listen on ${where}, got ${cause.message}.`, {
    cause,
  });
}
