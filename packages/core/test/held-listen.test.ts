import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { handoverKit, type PendingListen } from '../src/handover.js';
import { deferred } from './support/drainable.js';
import { quietGraceful, thrownBy } from './support/graceful.js';
import { ask, closeServer, freePort, portOf } from './support/http.js';
import { FakeLogger } from './support/logger.js';

const host = '127.0.0.1';

function makeServer(): Server {
  const server = createServer((_request, response) => response.end());
  onTestFinished(() => closeServer(server));
  return server;
}

describe('a listen() that is held back', () => {
  it('is told of with its name, waits, and listens when it may', async () => {
    const graceful = quietGraceful();
    const kit = handoverKit(graceful);
    const gate = deferred();
    const asked: PendingListen[] = [];
    const told = deferred();
    kit.holdListen((pending) => {
      asked.push(pending);
      told.resolve();
      return gate.promise;
    });
    const server = makeServer();
    const listening = graceful.listen(server, { port: 0, host, name: 'admin' });
    await told.promise;
    expect(asked).toEqual([{ name: 'admin', server, ofProbes: false }]);
    expect([kit.pendingListens, server.listening, graceful.state]).toEqual([1, false, 'starting']);
    gate.resolve();
    await listening;
    expect([kit.pendingListens, server.listening, graceful.state]).toEqual([0, true, 'ready']);
    expect(kit.listening()).toMatchObject([
      { name: 'admin', kind: 'tcp', port: portOf(server), backlog: 511 },
    ]);
  });

  it('ends with what the gate rejects with, and may be tried again', async () => {
    const graceful = quietGraceful();
    const no = new Error('no');
    const server = makeServer();
    const held = handoverKit(graceful).holdListen(() => Promise.reject(no));
    expect(await thrownBy(() => graceful.listen(server, { port: 0, host }))).toBe(no);
    held[Symbol.dispose]();
    await graceful.listen(server, { port: 0, host });
    expect(server.listening).toBe(true);
  });

  it('waits for all who hold it', async () => {
    const graceful = quietGraceful();
    const kit = handoverKit(graceful);
    const gates = [deferred(), deferred()];
    for (const { promise } of gates) kit.holdListen(() => promise);
    const server = makeServer();
    const listening = graceful.listen(server, { port: 0, host });
    gates[0]?.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.listening).toBe(false);
    gates[1]?.resolve();
    await listening;
    expect(server.listening).toBe(true);
  });

  it('of an attached server waits, too, and is told by events', async () => {
    const graceful = quietGraceful();
    const gate = deferred();
    handoverKit(graceful).holdListen(() => gate.promise);
    const server = makeServer();
    graceful.attach(server);
    const port = await freePort();
    server.listen(port, host, 77);
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.listening).toBe(false);
    gate.resolve();
    await once(server, 'listening');
    expect(handoverKit(graceful).listening()).toMatchObject([{ port, host, backlog: 77 }]);
    expect((await ask(port, '/')).status).toBe(200);
  });

  it('of an attached server ends in an event, as one of Node', async () => {
    const graceful = quietGraceful();
    const no = new Error('no');
    handoverKit(graceful).holdListen(() => Promise.reject(no));
    const server = makeServer();
    graceful.attach(server);
    expect(await thrownBy(() => once(server.listen(0, host), 'listening'))).toBe(no);
  });

  it('of an attached server is given up when the service is uninstalled', async () => {
    const graceful = quietGraceful();
    const gate = deferred();
    handoverKit(graceful).holdListen(() => gate.promise);
    const server = makeServer();
    graceful.attach(server);
    const listening = thrownBy(() => once(server.listen(0, host), 'listening'));
    graceful.uninstall();
    gate.resolve();
    expect(await listening).toMatchObject({ code: 'ERR_GRACEFUL_LISTEN' });
    expect(server.listening).toBe(false);
  });

  it("of an attached server is Node's own where nobody holds it", () => {
    const graceful = quietGraceful();
    const server = makeServer();
    graceful.attach(server);
    server.listen(0);
    // Without a host to look up Node binds in the call.
    expect(portOf(server)).toBeGreaterThan(0);
  });

  it('of the probes is an error that is told, not one that nobody caught', async () => {
    const logger = new FakeLogger();
    const graceful = quietGraceful({ probes: { port: await freePort(), host }, logger });
    const errors: unknown[] = [];
    const failed = deferred();
    graceful.on('error', ({ error }) => {
      errors.push(error);
      failed.resolve();
    });
    const no = new Error('no');
    handoverKit(graceful).holdListen(() => Promise.reject(no));
    await failed.promise;
    expect(errors).toEqual([no]);
    expect(graceful.state).toBe('starting');
  });

  it('of the probes begins a shutdown where an uncaught error would', async () => {
    const taken = makeServer().listen(0, host);
    await once(taken, 'listening');
    const graceful = quietGraceful({
      drain: { delayMs: 0 },
      probes: { port: portOf(taken), host },
      uncaughtErrors: true,
    });
    const reported = deferred<{ exitCode: number }>();
    graceful.on('report', (report) => reported.resolve(report));
    expect((await reported.promise).exitCode).toBe(1);
  });
});

describe('what listens', () => {
  it('includes a Unix socket that Node bound, whose path goes with it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'held-listen-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'own.sock');
    const server = makeServer().listen(path);
    await once(server, 'listening');
    const graceful = quietGraceful();
    graceful.attach(server, { name: 'own' });
    const [socket, ...others] = handoverKit(graceful).listening();
    expect(socket).toMatchObject({ name: 'own', kind: 'unix', path, keepsPath: false });
    expect(socket).not.toHaveProperty('backlog');
    expect(others).toEqual([]);
  });

  it('leaves its path behind while another has the socket, and not when that is taken back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'held-listen-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const graceful = quietGraceful();
    const kit = handoverKit(graceful);
    const kept = await graceful.listen(makeServer(), { path: join(folder, 'kept.sock') });
    const handed = kit.handOver();
    await closeServer(kept);
    expect(readdirSync(folder)).toEqual(['kept.sock']);
    const removed = await graceful.listen(makeServer(), { path: join(folder, 'removed.sock') });
    handed[Symbol.dispose]();
    await closeServer(removed);
    expect(readdirSync(folder)).toEqual(['kept.sock']);
  });

  it('is no longer the port of the probes once another has taken over', async () => {
    const probePort = await freePort();
    const graceful = quietGraceful({
      drain: { delayMs: 0, requestsMs: 60_000 },
      probes: { port: probePort, host },
    });
    const work = deferred();
    void graceful.track(work.promise);
    await graceful.listen(makeServer(), { port: 0, host });
    expect((await ask(probePort, '/readyz')).status).toBe(200);
    const kit = handoverKit(graceful);
    const [probes] = kit.listening().filter(({ name }) => name === 'probes');
    const closed = once(probes?.server as Server, 'close');
    const left = kit.leave('another has taken over');
    await closed;
    expect(graceful.state).toBe('draining');
    await expect(ask(probePort, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    work.resolve();
    expect((await left).verdict).toBe('clean');
  });
});
