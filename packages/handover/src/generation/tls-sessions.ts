import { createHash } from 'node:crypto';
import type { HttpServer } from '@graceful/core/handover';
import type { Inheritance } from '../wire/messages.js';

/** Of every server that has none of its own: a supervisor gives the same to all. */
export const everyServer = '*';

/** What a process needs, so that clients can resume their TLS sessions with it (RFC 5077). */
export type TlsSessions = Required<Pick<Inheritance, 'ticketKeys' | 'sessionContexts'>>;

/** A server of `node:tls`, as far as its sessions go. */
interface WithSessions {
  getTicketKeys(): Buffer;
  setTicketKeys(keys: Buffer): void;
  sessionIdContext?: string;
  /** No public way leads to it but `setSecureContext()`, which wants all certificates once more. */
  readonly _sharedCreds?: { readonly context?: { setSessionIdContext?(context: string): void } };
}

/** Of the servers over TLS, by name. */
export function sessionsOf(
  servers: readonly { readonly name: string; readonly server: HttpServer }[],
): TlsSessions {
  const ticketKeys: Record<string, string> = {};
  const sessionContexts: Record<string, string> = {};
  for (const { name, server } of servers) {
    if (!hasSessions(server)) continue;
    ticketKeys[name] = server.getTicketKeys().toString('base64');
    if (server.sessionIdContext !== undefined) sessionContexts[name] = server.sessionIdContext;
  }
  return { ticketKeys, sessionContexts };
}

/** Let `server` take the sessions of those before it. */
export function resumeSessions(
  server: HttpServer,
  name: string,
  { ticketKeys = {}, sessionContexts = {} }: Inheritance,
): void {
  if (!hasSessions(server)) return;
  const keys = ticketKeys[name] ?? ticketKeys[everyServer];
  if (keys !== undefined) server.setTicketKeys(Buffer.from(keys, 'base64'));
  const context = sessionContexts[name] ?? sessionContexts[everyServer];
  // One that the app has chosen is the same in each generation.
  if (context === undefined || server.sessionIdContext !== nodesOwnContext()) return;
  server._sharedCreds?.context?.setSessionIdContext?.(context);
  server.sessionIdContext = context;
}

/** Node makes it of the command line, which differs where a release has a folder of its own. */
function nodesOwnContext(): string {
  return createHash('sha1').update(process.argv.join(' ')).digest('hex').slice(0, 32);
}

function hasSessions(server: unknown): server is WithSessions {
  return typeof (server as Partial<WithSessions>).setTicketKeys === 'function';
}
