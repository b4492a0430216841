import type { ListenOptions, Server } from 'node:net';
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
  /** Of a Unix socket, instead of a port. */
  readonly path?: string;
  /**
   * Connections that may wait to be accepted; the kernel caps it at `net.core.somaxconn`.
   *
   * @defaultValue 511
   */
  readonly backlog?: number;
}

/**
 * Let `server` listen with `args` of `net.Server.listen()`. Resolves when connections are accepted.
 *
 * @param where - of what an error speaks
 * @throws {@link GracefulError} `ERR_GRACEFUL_PORT_IN_USE`, `ERR_GRACEFUL_LISTEN`
 */
export function listenOn(
  server: Server,
  args: readonly [ListenOptions | { readonly fd: number }, backlog?: number],
  where: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException) => {
      server.off('listening', onListening);
      reject(listenError(cause, where));
    };
    const onListening = () => {
      server.off('error', onError);
      resolve();
    };
    server.once('error', onError);
    server.once('listening', onListening);
    const [options, backlog] = args;
    // Beside a descriptor Node hears of the queue only as an argument of its own.
    if (backlog === undefined) server.listen(options);
    else server.listen(options as never, backlog as never);
  });
}

/**
 * @throws {@link GracefulError} `ERR_GRACEFUL_OPTION`
 */
export function assertAddress(address: ListenAddress): void {
  expectObject('the address to listen on', address);
  const { port, path, host } = address;
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
}

function listenError(cause: NodeJS.ErrnoException, where: string): GracefulError {
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
