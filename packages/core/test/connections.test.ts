import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ConnectionEvents, ConnectionState } from '../src/drain/connection.js';
import { quietGraceful } from './support/graceful.js';
import { closeServer, portOf } from './support/http.js';

async function service() {
  const graceful = quietGraceful({ drain: { delayMs: 0, requestsMs: 50, idleMs: 0 } });
  const told: ConnectionEvents['connection'][] = [];
  graceful.on('connection', (event) => void told.push(event));
  /** Resolves when a connection comes into `state`. */
  const becomes = (state: ConnectionState) =>
    new Promise<void>((resolve) => {
      const handle = graceful.on('connection', (event) => {
        if (event.state !== state) return;
        handle[Symbol.dispose]();
        resolve();
      });
    });
  const server = await graceful.listen((_, response) => void response.end('ok'), {
    port: 0,
    host: '127.0.0.1',
  });
  onTestFinished(() => closeServer(server));
  const client = async (): Promise<Socket> => {
    const accepted = once(server, 'connection');
    const socket = connect(portOf(server), '127.0.0.1');
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    await accepted;
    return socket;
  };
  return { graceful, server, told, becomes, client };
}

const request = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

describe('a connection', () => {
  it('is new, active, idle, active again, and closed', async () => {
    const { graceful, told, becomes, client } = await service();
    const socket = await client();
    expect(graceful.connections).toEqual({ new: 1, active: 0, idle: 0, hijacked: 0, closed: 0 });
    for (let n = 0; n < 2; n++) {
      const idle = becomes('idle');
      socket.write(request);
      await idle;
      expect(graceful.connections).toEqual({ new: 0, active: 0, idle: 1, hijacked: 0, closed: 0 });
    }
    const closed = becomes('closed');
    socket.destroy();
    await closed;
    expect(graceful.connections).toEqual({ new: 0, active: 0, idle: 0, hijacked: 0, closed: 1 });
    expect(told).toEqual([
      { state: 'new' },
      { state: 'active', previous: 'new' },
      { state: 'idle', previous: 'active' },
      { state: 'active', previous: 'idle' },
      { state: 'idle', previous: 'active' },
      { state: 'closed', previous: 'idle' },
    ]);
  });

  it('is hijacked once it is upgraded, and counted as dropped where it outlasts the budget', async () => {
    const { graceful, server, becomes, client } = await service();
    server.on('upgrade', (_, socket: Socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    });
    const socket = await client();
    const hijacked = becomes('hijacked');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    await hijacked;
    expect(graceful.connections).toMatchObject({ hijacked: 1, active: 0 });
    const report = await graceful.shutdown('test');
    expect(report).toMatchObject({ verdict: 'forced', connections: { forced: 1 }, requests: { dropped: 0 } });
  });

  it('is counted though nobody listens to its events', async () => {
    const graceful = quietGraceful();
    const server = await graceful.listen(() => {}, { port: 0, host: '127.0.0.1' });
    onTestFinished(() => closeServer(server));
    const socket = connect(portOf(server), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await once(server, 'connection');
    expect(graceful.connections.new).toBe(1);
    const requested = once(server, 'request');
    socket.write(request);
    await requested;
    expect(graceful).toMatchObject({ inFlight: 1, connections: { new: 0, active: 1 } });
  });
});
