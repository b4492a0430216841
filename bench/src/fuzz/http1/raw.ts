import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import type { Visit } from '../protocol.js';

/** A socket for clients without manners: nobody keeps books, and nothing that happens to it is an error. */
export async function openRaw(
  { trial, over }: Visit,
  tls: boolean = trial.service.address().tls,
  protocol: 'http/1.1' | 'h2' = 'http/1.1',
): Promise<Socket | undefined> {
  const { host, port } = trial.service.address();
  const options = { host, port, allowHalfOpen: true, rejectUnauthorized: false, ALPNProtocols: [protocol] };
  const socket = tls ? connectTls(options) : connectTcp(options);
  socket.on('error', () => {});
  const gone = () => socket.destroy();
  over.addEventListener('abort', gone);
  socket.once('close', () => over.removeEventListener('abort', gone));
  if (over.aborted) socket.destroy();
  await Promise.race([once(socket, tls ? 'secureConnect' : 'connect'), ended(socket)]).catch(() => {});
  return socket.destroyed ? undefined : socket;
}

/** Resolves when the socket is closed, by whomever. */
export async function ended(socket: Socket): Promise<void> {
  if (socket.closed) return;
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}

/** Listen to whatever the service says, until it has said all; then go. */
export async function hearOut(socket: Socket): Promise<void> {
  socket.once('end', () => socket.destroy());
  socket.resume();
  await ended(socket);
}

/** Go without a word; Node has no reset for a socket under TLS, and drops that one. */
export function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
