import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { CompanionProcess, PodFolder } from '../src/companion/companion-process.js';

const budgets = { delayMs: 0, requestsMs: 3_000, hooksMs: 0 };
const hold = { minMs: 200, quietMs: 100, maxMs: 2_000 };

/** A port of a service that knows nothing of a companion: this process. */
class Port implements AsyncDisposable {
  readonly #server: Server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => {});
    this.peers.push(socket);
  });
  readonly peers: Socket[] = [];

  static async open(): Promise<Port> {
    const port = new Port();
    port.#server.listen(0, '127.0.0.1');
    await once(port.#server, 'listening');
    return port;
  }

  get number(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async connect(): Promise<Socket> {
    const accepted = once(this.#server, 'connection');
    const socket = connect(this.number, '127.0.0.1').on('error', () => {});
    await accepted;
    return socket;
  }

  close(): void {
    this.#server.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.peers) peer.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }
}

describe.concurrent('several containers', () => {
  it('leave in their order, with one deadline', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder, {
      expect: [{ name: 'nginx' }, { name: 'app', after: ['nginx'] }, { name: 'proxy', after: ['app'] }],
    });
    const [nginx, app, proxy] = await Promise.all(
      ['nginx', 'app', 'proxy'].map((name) => companion.join({ name, budgets })),
    );
    if (!nginx || !app || !proxy) throw new Error('Expected three.');
    await companion.ask('POST', '/v1/drain', { reason: 'operator', deadlineMs: 20_000 });
    // 20 s, less 2 s that nobody is given, less 3 s for each of those behind it.
    const first = await nginx.hears('drain');
    expect(first.remainingMs).toBeGreaterThan(11_000);
    expect(first.remainingMs).toBeLessThanOrEqual(12_000);
    await app.hears('lame-duck');
    await nginx.leavesClean();
    expect((await app.hears('drain')).remainingMs).toBeLessThanOrEqual(15_000);
    expect(proxy.told).not.toContain('drain');
    app.vanishes();
    await proxy.hears('drain');
    await proxy.leavesClean();
    await companion.until('gone');
    companion.signal('SIGTERM');
    // One of them said nothing: nobody knows what it has lost.
    expect(await companion.exit()).toMatchObject({ code: 66 });
    expect(folder.receipts.map(({ name, exit }) => `${name} ${exit.how}`)).toEqual([
      'nginx bye',
      'app eof',
      'proxy bye',
    ]);
  });

  it('are held back in their order, where the platform ends the pod', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder, { hold });
    const nginx = await companion.join({ name: 'nginx', budgets });
    const app = await companion.join({ name: 'app', after: ['nginx'], budgets });
    for (const one of [nginx, app]) await one.says({ ready: true, inFlight: 0, lastArrivalMs: 60_000 });
    await companion.ask('POST', '/v1/drain', { reason: 'pod' });
    const order: string[] = [];
    const released = async (container: string) => {
      const { body } = await companion.probe(`/hold?container=${container}`);
      order.push(container);
      return body.released as string;
    };
    const [nginxHeld, appHeld] = [released('nginx'), released('app')];
    expect(await nginxHeld).toBe('quiet');
    expect(order).toEqual(['nginx']);
    await nginx.leavesClean();
    expect(await appHeld).toBe('quiet');
    await app.leavesClean();
  });

  it('that are still there at the deadline are written down as killed', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder, {
      graceMs: 400,
      expect: [{ name: 'never' }],
    });
    const orders = await companion.join({ budgets });
    await orders.says({ ready: true, inFlight: 2 });
    await companion.ask('POST', '/v1/drain', { reason: 'pod' });
    // Nothing is left of it for a hook.
    expect(await companion.probe('/hold?container=orders')).toMatchObject({ body: { released: 'deadline' } });
    await companion.until('gone', 'orders');
    companion.signal('SIGTERM');
    expect(await companion.exit()).toMatchObject({ code: 65 });
    expect(folder.receipts).toMatchObject([
      { name: 'orders', exit: { how: 'deadline' }, verdict: 'dropped', dropped: 2, inFlightAtClose: 2 },
      { name: 'never', exit: { how: 'never-registered' }, verdict: 'unknown', instance: '' },
    ]);
  });
});

describe.concurrent('a service that never registers', () => {
  it('is ready when its port is, and held by what the kernel tells', async () => {
    using folder = new PodFolder();
    await using port = await Port.open();
    const ports = [port.number];
    await using companion = await CompanionProcess.start(folder, {
      hold,
      expect: [{ name: 'orders', ports }],
    });
    expect(await companion.probe('/readyz')).toMatchObject({ status: 200 });
    expect(await companion.probe('/startupz?container=orders')).toMatchObject({ status: 200 });
    await companion.ask('POST', '/v1/drain', { reason: 'pod' });
    // Whoever is connected may ask at any time.
    const client = await port.connect();
    expect(await companion.probe('/hold?container=orders')).toMatchObject({ body: { released: 'cap' } });
    client.destroy();
    port.peers[0]?.destroy();
  });

  it('lets its companion go alone while it listens, and is missed when it does not', async () => {
    using folder = new PodFolder();
    await using port = await Port.open();
    const expected = { expect: [{ name: 'orders', ports: [port.number] }] };
    await using first = await CompanionProcess.start(folder, expected);
    first.signal('SIGTERM');
    expect(await first.exit()).toMatchObject({ code: 0 });
    await using second = await CompanionProcess.start(folder, expected);
    port.close();
    second.signal('SIGTERM');
    expect(await second.exit()).toMatchObject({ code: 66 });
    expect(folder.receipts).toMatchObject([{ name: 'orders', exit: { how: 'never-registered' }, epoch: 2 }]);
  });
});

describe.concurrent('what the kernel has seen', () => {
  it('disputes a farewell that says clean', async () => {
    using folder = new PodFolder();
    await using port = await Port.open();
    await using companion = await CompanionProcess.start(folder);
    const orders = await companion.join({ ports: [port.number], budgets });
    const client = await port.connect();
    client.write('GET / HTTP/1.1\r\n\r\n');
    await companion.ask('POST', '/v1/drain', { reason: 'pod' });
    const { body } = await orders.leavesClean();
    expect(body.receipt).toMatchObject({
      verdict: 'disputed',
      sockets: { established: 1, busy: 1, listening: 1 },
    });
    client.destroy();
  });

  it('tells of those who came too late', async ({ expect: expectHere }) => {
    using folder = new PodFolder();
    await using port = await Port.open();
    const { number } = port;
    await using companion = await CompanionProcess.start(folder);
    const orders = await companion.join({ ports: [number], budgets });
    await companion.ask('POST', '/v1/drain', { reason: 'pod' });
    const listening = async () => {
      const { body } = await companion.ask(
        'GET',
        `/v1/instances/${orders.id}`,
        undefined,
        orders.authorization,
      );
      return body.sockets?.listening as number | undefined;
    };
    await expectHere.poll(listening).toBe(1);
    port.close();
    await expectHere.poll(listening).toBe(0);
    for (let index = 0; index < 3; index++) {
      const [error] = (await once(connect(number, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
      expect(error.code).toBe('ECONNREFUSED');
    }
    const { body } = await orders.leavesClean();
    expect(body.receipt.lateArrivals).toBeGreaterThanOrEqual(3);
    expect(body.receipt.verdict).toBe('clean');
  });
});

describe.concurrent('a drain', () => {
  it('is one, however often it is asked for, and can be taken back until somebody leaves', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    const orders = await companion.join();
    await orders.says({ ready: true });
    const drain = () => companion.ask('POST', '/v1/drain', { reason: 'pod' });
    const { body } = await drain();
    expect((await drain()).body).toEqual(body);
    expect(await companion.ask('DELETE', `/v1/drain/${body.id}`)).toMatchObject({
      status: 200,
      body: { pod: 'running' },
    });
    await orders.hears('cancel');
    expect(await companion.ask('DELETE', `/v1/drain/${body.id}`)).toMatchObject({ status: 404 });
    expect(await companion.probe('/readyz')).toMatchObject({ status: 200 });
    const { body: again } = await drain();
    await orders.says({ state: 'draining' });
    expect(await companion.ask('DELETE', `/v1/drain/${again.id}`)).toMatchObject({ status: 409 });
    await orders.leavesClean();
  });

  it('is told in order, to whoever asks later', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    const orders = await companion.join();
    await orders.says({ ready: true });
    await companion.ask('POST', '/v1/drain', { reason: 'operator' });
    await orders.leavesClean();
    await companion.until('gone', 'orders');
    const { body } = await companion.ask('GET', '/v1/events?since=1');
    const story = (body.events as { type: string; state?: string; told?: { type: string } }[]).map(
      ({ type, state, told }) => [type, state ?? told?.type].filter((word) => word !== undefined).join(' '),
    );
    expect(story).toEqual([
      'instance starting',
      'instance ready',
      'drain',
      'told drain',
      'pod terminating',
      'instance draining',
      'pod released',
      'instance drained',
      'receipt',
      'pod done',
      'instance exited',
    ]);
    expect(body.missed).toBe(0);
  });
});

describe.concurrent('many reports on one request', () => {
  it('are applied, each of them, and answered with their number', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    const orders = await companion.join();
    const lines = Array.from(
      { length: 5_000 },
      (_, index) => `${JSON.stringify({ inFlight: index % 7, served: index })}\n`,
    );
    const connection = await orders.connection();
    const { status, body } = await connection.ask({
      method: 'POST',
      path: `/v1/instances/${orders.id}/state`,
      headers: { 'content-type': 'application/x-ndjson', ...orders.authorization },
      body: lines.join(''),
      chunkBytes: 1_000,
    });
    expect([status, JSON.parse(body)]).toEqual([200, { applied: 5_000 }]);
    connection.destroy();
    expect((await companion.state()).instances).toMatchObject([{ inFlight: 4_999 % 7, served: 4_999 }]);
  });

  it('end with the first that is wrong, and say which', async () => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    const orders = await companion.join();
    const connection = await orders.connection();
    const { status, body } = await connection.ask({
      method: 'POST',
      path: `/v1/instances/${orders.id}/state`,
      headers: { 'content-type': 'application/x-ndjson', ...orders.authorization },
      body: '{"inFlight":1}\n\n{"inFlight":2}\n{"inFlight":-1}\n{"inFlight":4}\n',
    });
    expect(status).toBe(422);
    expect(body).toContain('after 2 lines: expected `inFlight` to be a whole number');
    connection.destroy();
    expect((await companion.state()).instances).toMatchObject([{ inFlight: 2 }]);
  });
});
