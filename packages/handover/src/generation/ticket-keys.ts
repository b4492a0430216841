import type { HttpServer } from '@graceful/core/handover';
import type { Inheritance } from '../wire/messages.js';

/** Of every server that has none of its own: a supervisor gives the same to all. */
export const everyServer = '*';

interface WithTickets {
  getTicketKeys(): Buffer;
  setTicketKeys(keys: Buffer): void;
}

/** Keys of the servers over TLS, by name, so that clients can resume their sessions with the next generation (RFC 5077). */
export function ticketKeysOf(
  servers: readonly { readonly name: string; readonly server: HttpServer }[],
): NonNullable<Inheritance['ticketKeys']> {
  const keys: Record<string, string> = {};
  for (const { name, server } of servers) {
    if (hasTickets(server)) keys[name] = server.getTicketKeys().toString('base64');
  }
  return keys;
}

/** Let `server` take the tickets that those before it gave. */
export function setTicketKeys(
  server: HttpServer,
  name: string,
  keys: NonNullable<Inheritance['ticketKeys']>,
): void {
  const given = keys[name] ?? keys[everyServer];
  if (given !== undefined && hasTickets(server)) server.setTicketKeys(Buffer.from(given, 'base64'));
}

function hasTickets(server: unknown): server is WithTickets {
  return typeof (server as Partial<WithTickets>).setTicketKeys === 'function';
}
