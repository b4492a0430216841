import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import { Server as NetServer } from 'node:net';
import { createGraceful } from '@graceful/core';

/** One way in which a server over HTTP/2 leaves. */
export interface Leaver {
  readonly name: string;
  readonly setup: string;
  /** Make `server` leave by this way at SIGTERM; then it listens. */
  prepare(server: Http2Server): Promise<void>;
}

/** How long each goes on serving, where it has a place for that, in milliseconds. */
const lameDuckMs = 1_000;

/** How long a process without a library may take to end, in milliseconds. */
const limitMs = 5_000;

async function listening(server: Http2Server): Promise<void> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
}

/** The sessions of `server` that are open. */
function sessionsOf(server: Http2Server): Set<ServerHttp2Session> {
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  return sessions;
}

function atSigterm(leave: () => void): void {
  process.once('SIGTERM', () => {
    leave();
    setTimeout(() => process.exit(1), limitMs).unref();
  });
}

const ours: Leaver = {
  name: '**@graceful/core**',
  setup: `\`listen\`, options as by default but for a lame-duck of ${lameDuckMs} ms`,
  async prepare(server) {
    const graceful = createGraceful({ drain: { delayMs: lameDuckMs } });
    await graceful.listen(server, { port: 0, host: '127.0.0.1' });
  },
};

const atOnce: Leaver = {
  name: 'GOAWAY at once',
  setup: 'at SIGTERM the listener closes, and `session.close()` is called on every session',
  async prepare(server) {
    const sessions = sessionsOf(server);
    atSigterm(() => {
      NetServer.prototype.close.call(server);
      for (const session of sessions) session.close();
    });
    await listening(server);
  },
};

const nodesOwn: Leaver = {
  name: 'node:http2, server.close()',
  setup:
    '`server.close()` at SIGTERM. From Node 24 on it calls `session.close()` on every session; before, the program has to do it, and does so here',
  async prepare(server) {
    const sessions = sessionsOf(server);
    const [major = 0] = process.versions.node.split('.').map(Number);
    atSigterm(() => {
      server.close();
      if (major < 24) for (const session of sessions) session.close();
    });
    await listening(server);
  },
};

/** Each by the name that a server process is started with. */
export const leavers: Readonly<Record<string, Leaver>> = { ours, atOnce, nodesOwn };

/** The service of all: an answer after `ms` of work. */
export function makeServer(): Http2Server {
  return createServer((request, response) => {
    const ms = Number(new URL(request.url, 'http://localhost').searchParams.get('ms'));
    setTimeout(() => response.end('done'), ms);
  });
}
