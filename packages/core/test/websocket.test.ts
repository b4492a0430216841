import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Graceful } from '../src/graceful.js';
import { drainSocketIo, drainWebSockets, type WebSocketLike } from '../src/websocket.js';
import { quietGraceful, thrownBy } from './support/graceful.js';

const wrong = { code: 'ERR_GRACEFUL_OPTION' };

describe('drainWebSockets()', () => {
  const anyServer = () => new WebSocketServer({ noServer: true });

  it.each([999, 1004, 1005, 1006, 1015, 2000, 2999, 5000, 1001.5, '1001', null])(
    'refuses the close code %s',
    async (code) => {
      const options = { code: code as number };
      expect(await thrownBy(() => drainWebSockets(quietGraceful(), anyServer(), options))).toMatchObject(
        wrong,
      );
    },
  );

  it.each([1000, 1001, 1003, 1007, 1014, 3000, 4999])('takes the close code %s', (code) => {
    drainWebSockets(quietGraceful(), anyServer(), { code });
  });

  it.each([
    { reason: 'x'.repeat(124) },
    { reason: 'ü'.repeat(62) },
    { reason: 7 },
    { spreadMs: -1 },
    { closeMs: Number.NaN },
    { name: '' },
    { closeMS: 1 },
  ])('refuses %j', async (options) => {
    const call = () => drainWebSockets(quietGraceful(), anyServer(), options as object);
    expect(await thrownBy(call)).toMatchObject(wrong);
  });

  it('says what is wrong with a reason that is too long', async () => {
    const call = () => drainWebSockets(quietGraceful(), anyServer(), { reason: 'ü'.repeat(62) });
    expect(await thrownBy(call)).toMatchObject({
      message: 'ERR_GRACEFUL_OPTION: Expected `reason` to be a string of at most 123 bytes, got one of 124.',
    });
  });

  it('refuses a server that does not keep its clients, and what is no server', async () => {
    const graceful = quietGraceful();
    const untracked = new WebSocketServer({ noServer: true, clientTracking: false });
    for (const server of [untracked, {}, undefined]) {
      expect(await thrownBy(() => drainWebSockets(graceful, server as WebSocketServer))).toMatchObject(wrong);
    }
  });

  it('wants a name of its own for each server', async () => {
    const graceful = quietGraceful();
    const first = drainWebSockets(graceful, anyServer());
    drainWebSockets(graceful, anyServer(), { name: 'chat' });
    expect(await thrownBy(() => drainWebSockets(graceful, anyServer()))).toMatchObject({
      code: 'ERR_GRACEFUL_DUPLICATE_DRAINABLE',
    });
    first[Symbol.dispose]();
    drainWebSockets(graceful, anyServer());
    expect((await graceful.shutdown('test')).drainables.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['websockets', 'chat']),
    );
  });

  it('closes the port of a server that has one of its own, and cuts its clients at the end', async () => {
    // Time enough for the one that answers.
    const graceful = quietGraceful({ drain: { delayMs: 0, requestsMs: 2_000 } });
    const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(wss, 'listening');
    drainWebSockets(graceful, wss, { closeMs: 60_000 });
    const { port } = wss.address() as AddressInfo;
    const clients = [1, 2].map(() => new WebSocket(`ws://127.0.0.1:${port}`));
    await Promise.all(clients.map((client) => once(client, 'open')));
    const [answering, mute] = clients as [WebSocket, WebSocket];
    const bye = once(answering, 'close');
    mute.pause();
    const cut = once(mute, 'close');
    graceful.ready();

    const report = await graceful.shutdown('test');

    expect((await bye)[0]).toBe(1001);
    expect(report.verdict).toBe('forced');
    expect(report.drainables).toContainEqual(expect.objectContaining({ name: 'websockets', dropped: 1 }));
    expect(report.requests.dropped).toBe(0);
    mute.resume();
    await cut;
    expect(wss.listenerCount('headers')).toBe(0);
  });
});

describe('drainSocketIo()', () => {
  it('takes a server, attached or not', async () => {
    const graceful = quietGraceful({ drain: { delayMs: 0 } });
    drainSocketIo(graceful, new Server());
    expect(await graceful.shutdown('test')).toMatchObject({ verdict: 'clean' });
  });

  it('refuses what is no server, and an option that is wrong', async () => {
    const graceful = quietGraceful();
    expect(await thrownBy(() => drainSocketIo(graceful, {}))).toMatchObject(wrong);
    expect(await thrownBy(() => drainSocketIo(graceful, new Server(), { code: 1005 }))).toMatchObject(wrong);
  });
});

describe('the turns of clients', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** A client that closes as soon as it is told. */
  class Client extends EventEmitter implements WebSocketLike {
    bufferedAmount = 0;
    toldAt: number | undefined;

    close(): void {
      this.toldAt = performance.now();
      this.emit('close');
    }

    terminate(): void {
      this.emit('close');
    }
  }

  class Clients extends EventEmitter {
    readonly clients = new Set<Client>();

    add<Kind extends Client>(client: Kind): Kind {
      this.clients.add(client);
      client.once('close', () => this.clients.delete(client));
      return client;
    }

    close(): void {}
  }

  const begin = (delayMs = 0) => {
    const graceful = quietGraceful({ drain: { delayMs, requestsMs: 60_000 } });
    graceful.ready();
    return { graceful, server: new Clients() };
  };

  const leave = async (graceful: Graceful) => {
    const begunAt = performance.now();
    const leaving = graceful.shutdown('test');
    await vi.advanceTimersByTimeAsync(80_000);
    const report = await leaving;
    return { report, begunAt };
  };

  it.each([
    [2, undefined, 100],
    [40, undefined, 100],
    [100, undefined, 50],
    [2, 3_000, 1_500],
  ])('of %i, with spreadMs %s, are %i ms apart', async (count, spreadMs, apartMs) => {
    const { graceful, server } = begin();
    drainWebSockets(graceful, server, spreadMs === undefined ? {} : { spreadMs });
    const clients = Array.from({ length: count }, () => server.add(new Client()));
    const { begunAt } = await leave(graceful);
    clients.forEach(({ toldAt = Infinity }, index) => {
      expect(toldAt - begunAt - index * apartMs).toBeGreaterThanOrEqual(0);
      expect(toldAt - begunAt - index * apartMs).toBeLessThan(5);
    });
  });

  it('do not come in the lame-duck, and keep none from ending', async () => {
    const graceful = quietGraceful({
      drain: { delayMs: { minMs: 1_000, maxMs: 9_000, quietMs: 10 }, requestsMs: 60_000 },
    });
    graceful.ready();
    const server = new Clients();
    drainWebSockets(graceful, server);
    const client = server.add(new Client());
    let drainingAt = Infinity;
    graceful.on('state', ({ state }) => {
      if (state === 'draining') drainingAt = performance.now();
    });
    const { report, begunAt } = await leave(graceful);
    expect(report.verdict).toBe('clean');
    expect(drainingAt - begunAt).toBeGreaterThanOrEqual(1_000);
    expect(drainingAt - begunAt).toBeLessThan(9_000);
    expect(client.toldAt).toBeGreaterThanOrEqual(drainingAt);
  });

  it('end the wait for one that does not answer after closeMs, counted from when all was sent', async () => {
    class Mute extends Client {
      endedAt = Infinity;

      override close(): void {
        this.toldAt = performance.now();
        this.bufferedAmount = 1_000;
        setTimeout(() => (this.bufferedAmount = 0), 4_000);
      }

      override terminate(): void {
        this.endedAt = performance.now();
        super.terminate();
      }
    }
    const { graceful, server } = begin();
    drainWebSockets(graceful, server, { closeMs: 1_000 });
    const mute = server.add(new Mute());
    const { report } = await leave(graceful);
    const tookMs = mute.endedAt - (mute.toldAt ?? 0);
    expect(tookMs).toBeGreaterThanOrEqual(4_000);
    expect(tookMs).toBeLessThanOrEqual(5_300);
    expect(report).toMatchObject({ verdict: 'forced', requests: { dropped: 0 } });
    expect(report.drainables).toContainEqual(expect.objectContaining({ name: 'websockets', dropped: 1 }));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('go on after one whose close() throws, which is cut and reported', async () => {
    const { graceful, server } = begin();
    drainWebSockets(graceful, server);
    const broken = server.add(new Client());
    broken.close = () => {
      throw new Error('no close today');
    };
    const other = server.add(new Client());
    const { report } = await leave(graceful);
    expect(other.toldAt).toBeDefined();
    expect(server.clients.size).toBe(0);
    expect(report).toMatchObject({
      verdict: 'failed',
      errors: [{ from: 'drain of websockets', message: 'no close today' }],
    });
  });
});
