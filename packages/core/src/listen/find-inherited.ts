import { resolve } from 'node:path';
import type { InheritedSocket } from './inherited.js';

/** What a server was asked to listen on. */
export interface Wanted {
  readonly name: string;
  /** Whether the user chose the name. */
  readonly named: boolean;
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  readonly path?: string | undefined;
}

/**
 * The socket among `sockets` that is meant by `wanted`: by the name that the
 * user gave, else by its address, and for any free port by the name it got.
 */
export function findInherited(
  sockets: readonly InheritedSocket[],
  wanted: Wanted,
): InheritedSocket | undefined {
  const called = sockets.find(({ name }) => name === wanted.name);
  if (called && isMeantByName(called, wanted)) return called;
  return (
    sockets.find((socket) => isThere(socket, wanted)) ?? sockets.find((socket) => isThereToo(socket, wanted))
  );
}

function isMeantByName(called: InheritedSocket, wanted: Wanted): boolean {
  if (wanted.path === undefined && wanted.port === 0) return called.kind !== 'unix';
  // Whoever listened here before may have been told another address.
  return wanted.named && (!called.sameService || isThere(called, wanted));
}

const wildcards = ['0.0.0.0', '::'];
const localhosts = ['127.0.0.1', '::1'];

function isThere(socket: InheritedSocket, { port, host, path }: Wanted): boolean {
  if (path !== undefined) return socket.path !== undefined && isSamePath(socket.path, path);
  if (socket.port === undefined || socket.port !== port) return false;
  if (socket.host === undefined || socket.host === host) return true;
  if (isAnywhere(host)) return wildcards.includes(socket.host);
  return host === 'localhost' && localhosts.includes(socket.host);
}

/**
 * Of all addresses an operator may give one: nothing else could be bound beside
 * it. The reverse would open to the world what is meant for this machine.
 */
function isThereToo(socket: InheritedSocket, { port, host, path }: Wanted): boolean {
  return path === undefined && isAnywhere(host) && !socket.sameService && socket.port === port;
}

function isAnywhere(host: string | undefined): boolean {
  return host === undefined || host === '' || wildcards.includes(host);
}

function isSamePath(one: string, other: string): boolean {
  if (one === other) return true;
  return !one.startsWith('\0') && !other.startsWith('\0') && resolve(one) === resolve(other);
}
