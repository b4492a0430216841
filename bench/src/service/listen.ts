import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

/** A contestant listens where it is told to, or wherever there is room. */
export const address: { readonly port: number; readonly host: string } = {
  port: Number(process.env['BENCH_PORT'] ?? 0),
  host: '127.0.0.1',
};

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

export async function listen(server: Server): Promise<number> {
  server.listen(address);
  await once(server, 'listening');
  return portOf(server);
}
