import type { Server } from 'node:https';

/** Keep sessions of TLS 1.2 on the server, as a service does whose clients know no tickets. */
export function keepingSessions(server: Server): Server {
  const sessions = new Map<string, Buffer>();
  server.on('newSession', (id: Buffer, data: Buffer, done: () => void) => {
    sessions.set(id.toString('hex'), data);
    done();
  });
  server.on('resumeSession', (id: Buffer, done: (error: Error | null, data: Buffer | null) => void) => {
    done(null, sessions.get(id.toString('hex')) ?? null);
  });
  return server;
}
