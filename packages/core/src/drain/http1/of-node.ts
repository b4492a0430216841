import type { Server } from 'node:net';

/** What Node keeps on a server under a symbol of its own, by the symbol's description; undocumented, so it may be missing. */
export function ofNode(server: Server, description: string): unknown {
  const symbol = Object.getOwnPropertySymbols(server).find((own) => own.description === description);
  return symbol && (server as unknown as Record<symbol, unknown>)[symbol];
}
