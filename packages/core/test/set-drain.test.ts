import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { adapterKit } from '../src/kits.js';
import type { Graceful } from '../src/graceful.js';
import { quietGraceful, thrownBy } from './support/graceful.js';
import { closeServer, portOf } from './support/http.js';
import { settled } from './support/lifecycle.js';

/** A service that is ready, and whose work and hook hang: it needs each budget to its end. */
function hanging(options: Parameters<typeof quietGraceful>[0] = {}): Graceful {
  const graceful = quietGraceful(options);
  graceful.ready();
  void graceful.track(new Promise(() => {}));
  graceful.onShutdown('pool', () => new Promise(() => {}));
  return graceful;
}

/** When each state began, in milliseconds; that which follows the search for what holds the event loop, roughly. */
async function statesOf(leaving: ReturnType<Graceful['shutdown']>) {
  const { states } = await settled(leaving);
  return states.map(({ afterMs }) => Math.round(afterMs / 100) * 100);
}

describe('setDrain()', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0); // nothing left behind
    vi.useRealTimers();
  });

  it('changes the budgets of the shutdown to come', async () => {
    const graceful = hanging();
    graceful.setDrain({ delayMs: 1_000, requestsMs: 2_000, hooksMs: 3_000 });
    expect(await statesOf(graceful.shutdown('test'))).toEqual([0, 1_000, 3_000, 6_000]);
  });

  it('leaves alone what it does not name', async () => {
    const graceful = hanging({ drain: { delayMs: 100, requestsMs: 200 } });
    graceful.setDrain({ requestsMs: 700 });
    expect(await statesOf(graceful.shutdown('test'))).toEqual([0, 100, 800, 5_800]);
  });

  it('forgets what an earlier call said: the same call ends in the same budgets, whatever came before', async () => {
    const graceful = hanging({ drain: { delayMs: 100, requestsMs: 200, hooksMs: 300 } });
    graceful.setDrain({ delayMs: 9_000, hooksMs: 9_000 });
    graceful.setDrain({ requestsMs: 500 });
    expect(await statesOf(graceful.shutdown('test'))).toEqual([0, 100, 600, 900]);
  });

  it('makes the lame-duck adaptive, and what depends on it anew', async () => {
    const graceful = hanging();
    graceful.setDrain({ delayMs: { minMs: 100, maxMs: 400, quietMs: 50 }, requestsMs: 100, hooksMs: 100 });
    expect(adapterKit(graceful).spreadMs).toBe(50);
    expect(await statesOf(graceful.shutdown('test'))).toEqual([0, 400, 500, 600]);
  });

  it.each([
    [{ delayMs: -1 }, '`drain.delayMs`'],
    [{ requestMs: 5 }, 'requestMs'],
    [{ requestsMs: 10 }, '`drain.spreadMs`'], // 20 were given, which no longer fits
    [null, '`drain`'],
    [5_000, '`drain`'],
  ])('refuses %o, and stays with what it had', async (drain, word) => {
    const graceful = hanging({ drain: { delayMs: 100, requestsMs: 200, hooksMs: 300, spreadMs: 20 } });
    const error = await thrownBy(() => graceful.setDrain(drain as never));
    expect(error).toMatchObject({ code: 'ERR_GRACEFUL_OPTION', message: expect.stringContaining(word) });
    expect(await statesOf(graceful.shutdown('test'))).toEqual([0, 100, 300, 600]);
  });

  it('does nothing once the shutdown has begun, and still refuses what is wrong', async () => {
    const graceful = hanging({ drain: { delayMs: 100, requestsMs: 200, hooksMs: 300 } });
    const leaving = graceful.shutdown('test');
    graceful.setDrain({ delayMs: 10_000, requestsMs: 10_000, hooksMs: 10_000 });
    await expect(thrownBy(() => graceful.setDrain({ delayMs: -1 }))).resolves.toMatchObject({
      code: 'ERR_GRACEFUL_OPTION',
    });
    expect(await statesOf(leaving)).toEqual([0, 100, 300, 600]);
  });

  it('does not lengthen a deadline that came before it', async () => {
    const graceful = hanging({ drain: { delayMs: 100, requestsMs: 200, hooksMs: 300 } });
    graceful.shortenDeadline(600);
    graceful.setDrain({ delayMs: 1_000, requestsMs: 2_000, hooksMs: 3_000 });
    expect(await statesOf(graceful.shutdown('test'))).toEqual([0, 100, 300, 600]);
  });
});

describe('setDrain() of a service that listens', () => {
  it('is heard by servers that were attached before: event streams end with the new hint', async () => {
    const graceful = quietGraceful({ drain: { delayMs: 0, idleMs: 0, retryMs: 1_111 } });
    const server = createServer((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('data: one\n\n');
    });
    await graceful.listen(server, { port: 0, host: '127.0.0.1' });
    onTestFinished(() => closeServer(server));
    const socket = connect(portOf(server), '127.0.0.1').setEncoding('latin1');
    onTestFinished(() => void socket.destroy());
    let heard = '';
    socket.on('data', (text: string) => void (heard += text));
    const ended = once(socket, 'end');
    socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    await vi.waitUntil(() => heard.includes('data: one'));

    graceful.setDrain({ delayMs: 0, retryMs: 2_222 });
    await graceful.shutdown('test');

    await ended;
    expect(heard).toContain('retry: 2222');
  });

  it('is heard by idle connections: they are given their time as it is now', async () => {
    const graceful = quietGraceful({ drain: { delayMs: 0, idleMs: 60_000, requestsMs: 60_000 } });
    const server = createServer({ keepAliveTimeout: 60_000 }, (_, response) => void response.end('ok'));
    await graceful.listen(server, { port: 0, host: '127.0.0.1' });
    onTestFinished(() => closeServer(server));
    const socket = connect(portOf(server), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    const ended = once(socket, 'end');
    socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    await once(socket, 'data');

    graceful.setDrain({ idleMs: 0 });
    const report = await graceful.shutdown('test');

    await ended;
    expect(report.durationMs).toBeLessThan(30_000);
    expect(report.connections).toMatchObject({ idle: 1, forced: 0 });
  });
});
