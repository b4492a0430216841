import type { Server } from 'node:net';
import type { ServiceConfig } from '../harness/protocol.js';
import type { Listening } from './service.js';

/** Where a test listens: nowhere but on loopback, on whatever port is free. */
export interface TestAddress {
  readonly host: string;
  readonly port: number;
}

/** Listen with as many servers as the harness wants. */
export async function listenOn(
  { secondServer = false }: ServiceConfig,
  listen: (address: TestAddress) => Promise<Server>,
): Promise<Listening> {
  const servers = [await listen({ host: '127.0.0.1', port: 0 })];
  if (secondServer) servers.push(await listen({ host: '127.0.0.1', port: 0 }));
  return { ports: servers.map(portOf) };
}

export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Expected a server on a TCP port.');
  return address.port;
}
