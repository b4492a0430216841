import type { Server } from 'node:net';
import type { ListenerConfig, ServiceConfig } from '../harness/protocol.js';
import type { Listening } from './service.js';

/** Where a test listens: nowhere but on loopback, or on a Unix socket. */
export type TestAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/** Listen with as many servers as the harness wants. */
export async function listenOn(
  { port = 0, secondServer = false, listeners = secondServer ? [{}, {}] : [{}] }: ServiceConfig,
  listen: (address: TestAddress, wanted: ListenerConfig) => Promise<Server>,
): Promise<Listening> {
  const ports: number[] = [];
  for (const [index, wanted] of listeners.entries()) {
    const { host = '127.0.0.1', path } = wanted;
    const address = path === undefined ? { host, port: index === 0 ? port : 0 } : { path };
    ports.push(portOf(await listen(address, wanted)));
  }
  return { ports };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null) throw new Error('Expected a server that listens.');
  return typeof address === 'string' ? 0 : address.port;
}
