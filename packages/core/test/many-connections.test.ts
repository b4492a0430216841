import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { GracefulOptions } from '../src/options.js';
import { quietGraceful } from './support/graceful.js';
import { closeServer, portOf } from './support/http.js';

const request = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** A promise that runs out soon, but not before the shutdown has begun. */
const promisedMs = 1_000;

/** A service, and so many clients that have had an answer and keep their connections. */
async function serviceWith(count: number, drain: GracefulOptions['drain'], keepAliveTimeout = 60_000) {
  const graceful = quietGraceful({ drain });
  const server = createServer({ keepAliveTimeout }, (_, response) => void response.end('ok'));
  const sockets: Socket[] = [];
  server.on('connection', (socket) => void sockets.push(socket));
  await graceful.listen(server, { port: 0, host: '127.0.0.1' });
  onTestFinished(() => closeServer(server));
  const clients = await Promise.all(
    Array.from({ length: count }, async () => {
      const client = connect(portOf(server), '127.0.0.1');
      onTestFinished(() => void client.destroy());
      client.on('error', () => {});
      client.write(request);
      await once(client, 'data');
      return client;
    }),
  );
  return { graceful, server, sockets, clients };
}

/** How often something is noted, turn by turn of the event loop. */
function turns() {
  const counts: number[] = [];
  let current = 0;
  let immediate = setImmediate(function next() {
    if (current > 0) counts.push(current);
    current = 0;
    immediate = setImmediate(next);
  });
  onTestFinished(() => clearImmediate(immediate));
  return { note: () => current++, counts: () => (current > 0 ? [...counts, current] : counts) };
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

describe('with many connections, a turn of the event loop', () => {
  it('lets few of those go that are idle', async () => {
    const { graceful, sockets } = await serviceWith(200, { delayMs: 0, requestsMs: 10_000, idleMs: 0 });
    const { note, counts } = turns();
    for (const socket of sockets) {
      const end = socket.end;
      socket.end = function (this: Socket, ...args: unknown[]) {
        // Node says it once more when the other side's has come.
        if (!this.writableEnded) note();
        return Reflect.apply(end, this, args) as Socket;
      };
    }
    const report = await graceful.shutdown('test');
    expect(report).toMatchObject({ verdict: 'clean', connections: { idle: 200, forced: 0 } });
    expect(sum(counts())).toBe(200);
    expect(Math.max(...counts())).toBeLessThanOrEqual(50);
  });

  it('cuts few when the budget is spent', async () => {
    const { graceful } = await serviceWith(100, { delayMs: 0, requestsMs: 0, idleMs: 10_000 });
    const { note, counts } = turns();
    graceful.on('connection', ({ state }) => {
      if (state === 'closed') note();
    });
    const report = await graceful.shutdown('test');
    expect(report).toMatchObject({ verdict: 'clean', connections: { idle: 0, forced: 100 } });
    expect(sum(counts())).toBe(100);
    expect(Math.max(...counts())).toBeLessThanOrEqual(20);
  });
});

describe('a connection', () => {
  it('has no listener of ours as long as it is open', async () => {
    const bare = createServer((_, response) => void response.end('ok'));
    onTestFinished(() => closeServer(bare));
    bare.listen(0, '127.0.0.1');
    await once(bare, 'listening');
    const accepted = once(bare, 'connection') as Promise<[Socket]>;
    const client = connect(portOf(bare), '127.0.0.1');
    onTestFinished(() => void client.destroy());
    client.write(request);
    await once(client, 'data');
    const [theirs] = await accepted;

    const { sockets } = await serviceWith(1, { delayMs: 0 });
    for (const event of ['close', 'end', 'error', 'timeout', 'data']) {
      expect(sockets[0]?.listenerCount(event), event).toBe(theirs.listenerCount(event));
    }
  });

  it('whose promise runs out in the lame-duck is half-closed, and counts as idle', async () => {
    const { graceful, clients } = await serviceWith(3, { delayMs: 60_000, requestsMs: 1_000 }, promisedMs);
    const ended = Promise.all(clients.map((client) => once(client, 'end')));
    const report = graceful.shutdown('test');
    await ended;
    expect(graceful.state).toBe('lame-duck');
    graceful.shortenDeadline(0);
    expect(await report).toMatchObject({ connections: { idle: 3 } });
  });

  it('whose time runs out is left to whoever listens for that', async () => {
    const { graceful, server } = await serviceWith(1, { delayMs: 60_000, requestsMs: 1_000 }, promisedMs);
    const timedOut = once(server, 'timeout') as Promise<[Socket]>;
    const report = graceful.shutdown('test');
    const [socket] = await timedOut;
    expect(socket).toMatchObject({ destroyed: false, writableEnded: false });
    graceful.shortenDeadline(0);
    await report;
  });

  it('that was accepted long ago is idle since its last response', async () => {
    const { graceful, clients } = await serviceWith(1, { delayMs: 0, requestsMs: 20_000, idleMs: 10_000 });
    const now = performance.now.bind(performance);
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + 600_000);
    onTestFinished(() => clock.mockRestore());
    const draining = new Promise<void>((resolve) => {
      graceful.on('state', ({ state }) => {
        if (state === 'draining') setTimeout(resolve, 50);
      });
    });
    const report = graceful.shutdown('test');
    await draining;
    const [client] = clients;
    client?.write(request);
    const [answer] = (await once(client as Socket, 'data')) as [Buffer];
    expect(answer.toString('latin1')).toContain('Connection: close');
    expect(await report).toMatchObject({ requests: { dropped: 0 }, connections: { told: 1 } });
  });
});
