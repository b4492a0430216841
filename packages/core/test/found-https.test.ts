import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { connect } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { adapterKit } from '../src/adapter.js';
import type { AdapterKit, Graceful } from '../src/graceful.js';
import { quietGraceful } from './support/graceful.js';
import { closeServer, portOf } from './support/http.js';

const fixture = (name: string) => readFileSync(new URL(`../../../test/fixtures/${name}`, import.meta.url));
const certificate = { cert: fixture('test-only-cert.pem'), key: fixture('test-only-key.pem') };

/** A service whose own code opens an HTTPS server. */
async function open(
  find: (kit: AdapterKit) => void,
  before: (kit: AdapterKit, request: IncomingMessage, response: ServerResponse) => void = () => {},
) {
  const graceful = quietGraceful({ drain: { delayMs: 0, idleMs: 0 } });
  const kit = adapterKit(graceful);
  find(kit);
  const server = createServer(certificate, (request, response) => {
    before(kit, request, response);
    response.end('ok');
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(() => closeServer(server));
  await once(server, 'listening');
  return { graceful, server };
}

/** A client's connection, idle after a request of its own. */
async function idleAfterOneRequest(graceful: Graceful, port: number): Promise<void> {
  const idle = new Promise<void>((resolve) => {
    graceful.on('connection', ({ state }) => {
      if (state === 'idle') resolve();
    });
  });
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  socket.resume();
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await idle;
}

const oneIdle = { new: 0, active: 0, idle: 1, hijacked: 0, closed: 0 };

describe('a connection to an HTTPS server that was found', () => {
  it('counts once, without the socket under its TLS: found as it begins to listen', async () => {
    const { graceful, server } = await open((kit) => kit.findServers(() => true));
    expect(graceful.state).toBe('ready');
    await idleAfterOneRequest(graceful, portOf(server));
    expect(graceful.connections).toEqual(oneIdle);
    const report = await graceful.shutdown('test');
    expect(report).toMatchObject({ verdict: 'clean', connections: { idle: 1, forced: 0 } });
  });

  it('counts once, without the socket under its TLS: found by its first request', async () => {
    const { graceful, server } = await open(
      (kit) => kit.findServers(() => false),
      (kit, request, response) => void kit.adoptRequest(request, response),
    );
    await idleAfterOneRequest(graceful, portOf(server));
    expect(graceful.connections).toEqual(oneIdle);
    const report = await graceful.shutdown('test');
    expect(report).toMatchObject({ verdict: 'clean', connections: { idle: 1, forced: 0 } });
  });
});
