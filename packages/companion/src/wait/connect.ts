import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { aborted } from './aborted.js';

/**
 * Resolves when somebody has accepted a connection there; it is closed again
 * without a word.
 *
 * @throws whatever kept it from that, and the reason of `signal` when that is aborted
 */
export async function connects(where: NetConnectOpts, signal: AbortSignal): Promise<void> {
  const socket = connect(where);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  try {
    await aborted(signal, connected(socket));
    if (isOurOwn(socket)) throw new Error('nobody listens there: the connection came back to itself');
  } finally {
    socket.destroy();
    await closed;
  }
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.on('error', reject);
  });
}

/**
 * A port of the range that clients are given theirs from, on this machine,
 * with nobody there: sooner or later the kernel gives the client that very
 * port, and TCP lets it connect to itself (RFC 9293, 3.5: simultaneous open).
 */
function isOurOwn({ localAddress, localPort, remoteAddress, remotePort }: Socket): boolean {
  return localPort !== undefined && localPort === remotePort && localAddress === remoteAddress;
}
