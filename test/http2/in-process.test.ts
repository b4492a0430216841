import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createGraceful } from '@graceful/core';
import { afterEach, describe, expect, it } from 'vitest';
import { Http2Client } from '../src/http2/client.js';

type Graceful = ReturnType<typeof createGraceful>;

const opened: {
  readonly graceful: Graceful;
  readonly server: Http2Server;
  readonly clients: Http2Client[];
}[] = [];

/** A service in this process, whose requests are held until `release` is called. */
async function start() {
  const graceful = createGraceful({ logger: false, signals: [], exit: false, drain: { delayMs: 50 } });
  const server = createServer();
  const held: (() => void)[] = [];
  server.on('request', (request, response) => {
    if (request.url === '/held') held.push(() => response.end('held'));
    else response.end('ok');
  });
  const clients: Http2Client[] = [];
  opened.push({ graceful, server, clients });
  const connect = async () => {
    const { port } = server.address() as AddressInfo;
    const client = await Http2Client.open({ host: '127.0.0.1', port, tls: false });
    clients.push(client);
    return client;
  };
  return { graceful, server, connect, release: () => held.splice(0).forEach((answer) => answer()) };
}

afterEach(async () => {
  for (const { graceful, server, clients } of opened.splice(0)) {
    for (const client of clients) client.destroy();
    graceful.uninstall();
    if (server.listening) server.close();
  }
});

describe('HTTP/2 in this process', () => {
  it('tells of connections as sessions with streams', async () => {
    const { graceful, server, connect, release } = await start();
    const states: string[] = [];
    graceful.on('connection', ({ state, previous = 'none' }) => states.push(`${previous} ${state}`));
    await graceful.listen(server, { port: 0, host: '127.0.0.1' });
    const client = await connect();
    const [one, two] = [client.send({ path: '/held' }), client.send({ path: '/held' })];
    await client.ask({ path: '/' });
    release();
    await Promise.all([one.answer(), two.answer()]);
    await graceful.shutdown();
    await client.closed;
    expect(states).toEqual(['none new', 'new active', 'active idle', 'idle closed']);
  });

  it('counts a session once and its streams each', async () => {
    const { graceful, server, connect, release } = await start();
    await graceful.listen(server, { port: 0, host: '127.0.0.1' });
    const [busy, quiet] = [await connect(), await connect()];
    await quiet.ask({ path: '/' });
    const held = [busy.send({ path: '/held' }), busy.send({ path: '/held' })];
    await busy.ask({ path: '/' });
    expect(graceful.inFlight).toBe(2);
    expect(graceful.connections).toMatchObject({ active: 1, idle: 1, closed: 0 });
    release();
    await Promise.all(held.map((exchange) => exchange.answer()));
    const report = await graceful.shutdown();
    expect(report).toMatchObject({ verdict: 'clean', connections: { told: 2 } });
    expect(graceful.connections).toMatchObject({ active: 0, idle: 0, closed: 2 });
  });

  it('leaves streams alone while it serves', async () => {
    const { graceful, server, connect } = await start();
    const seen: ServerHttp2Stream[] = [];
    server.on('stream', (stream) => seen.push(stream));
    await graceful.listen(server, { port: 0, host: '127.0.0.1' });
    await (await connect()).ask({ path: '/' });
    const [stream] = seen;
    expect(stream).toBeDefined();
    const hooked = ['_write', '_writev', '_final', 'respond'].filter((name) =>
      Object.hasOwn(stream ?? {}, name),
    );
    expect(hooked).toEqual([]);
  });

  it('leaves nothing behind at a server that is detached, or when it is uninstalled', async () => {
    for (const takeBack of ['detach', 'uninstall']) {
      const { graceful, server, connect } = await start();
      const before = listeners(server);
      const attached = graceful.attach(server);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const client = await connect();
      await client.ask({ path: '/' });
      if (takeBack === 'detach') attached[Symbol.dispose]();
      else graceful.uninstall();
      expect(Object.hasOwn(server, 'emit')).toBe(false);
      expect(listeners(server)).toEqual(before);
      expect((await client.ask({ path: '/' })).body).toBe('ok');
      expect((await (await connect()).ask({ path: '/healthz' })).body).toBe('ok');
      expect(graceful.inFlight).toBe(0);
    }
  });

  it('does not count what was asked of a server that is detached', async () => {
    const { graceful, server, connect, release } = await start();
    const attached = graceful.attach(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = await connect();
    const held = client.send({ path: '/held' });
    await client.ask({ path: '/' });
    attached[Symbol.dispose]();
    const report = await graceful.shutdown();
    expect(report).toMatchObject({ verdict: 'clean', requests: { served: 0 }, connections: { told: 0 } });
    release();
    expect((await held.answer()).body).toBe('held');
    expect(client.goaway).toBeUndefined();
  });
});

function listeners(server: Http2Server): Record<string, number> {
  return Object.fromEntries(server.eventNames().map((name) => [String(name), server.listenerCount(name)]));
}
