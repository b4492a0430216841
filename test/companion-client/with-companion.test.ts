import { describe, expect, it } from 'vitest';
import { judgeReceipts } from '@graceful/companion/receipts';
import { Connection, Ledger, type Pace } from '@graceful/conformance/client';
import { ClientService } from '../src/companion-client/client-service.js';
import { CompanionProcess, socketIn } from '../src/companion-client/companion-process.js';
import { takeAway, untilInFlight } from '../src/examples/departure.js';
import { harm } from '../src/examples/harm.js';
import { SocketFolder } from '../src/listeners/addresses.js';

const drain = { delayMs: 50, requestsMs: 5_000, hooksMs: 500 };
/** However busy the machine is: it ends when nobody asks any more. */
const untilQuiet = {
  delayMs: { minMs: 500, maxMs: 20_000, quietMs: 1_000 },
  requestsMs: 5_000,
  hooksMs: 500,
};
const clean = { verdict: 'clean', exitCode: 0, errors: [], heldBy: [] };

describe.concurrent('a service with a companion', () => {
  it.each(['core', 'express', 'fastify'] as const)(
    'of %s tells when it is ready, leaves at SIGTERM, and gets a receipt with its report',
    async (framework) => {
      using folder = new SocketFolder();
      await using companion = await CompanionProcess.start(folder.folder);
      const { socket } = companion;
      await using service = await ClientService.start({ framework, drain, companion: { socket } });
      await companion.reached('ready');
      const held = await Connection.open(service.address);
      const exchange = held.send({ path: '/?ms=1000' });
      await untilInFlight(service.address);
      service.signal('SIGTERM');
      await service.state('lame-duck');
      expect(await exchange.answer()).toMatchObject({ status: 200, body: 'hello' });
      expect(await service.exit(), service.stderr).toMatchObject({ code: 0, signal: null });
      await companion.reached('gone');
      const receipts = await companion.receipts();
      expect(receipts).toMatchObject([
        {
          seq: 1,
          verdict: 'clean',
          name: 'orders',
          container: 'orders',
          pod: 'orders-1',
          epoch: 1,
          reason: 'SIGTERM',
          exit: { how: 'bye' },
          served: 1,
          dropped: 0,
          sockets: { listening: 0, busy: 0 },
          report: { ...clean, reason: 'SIGTERM', requests: { served: 1, dropped: 0 } },
        },
      ]);
      expect(receipts[0]?.maxInFlight).toBeGreaterThanOrEqual(1);
      expect(judgeReceipts({ receipts }, { instances: 1 }).findings).toEqual([]);
    },
  );

  it('leaves at its word, under load, without losing a request', async () => {
    using folder = new SocketFolder();
    await using companion = await CompanionProcess.start(folder.folder);
    const { socket } = companion;
    await using service = await ClientService.start({ drain: untilQuiet, companion: { socket } });
    await companion.reached('ready');
    const clients = new Ledger();
    try {
      const held = (await clients.connect(service.address)).send({ path: '/?ms=2000' });
      await untilInFlight(service.address);
      const leaver = {
        address: service.address,
        terminate: () => void companion.ask('POST', '/v1/drain', { reason: 'operator' }),
        state: (name: string) => service.state(name),
        exit: () => service.exit(),
      };
      const pace: Pace = { requests: [{ path: '/' }, { path: '/?ms=30' }], thinkMs: 5 };
      expect(await takeAway(leaver, { clients, held, pace })).toMatchObject({ code: 0, signal: null });
      expect(harm(clients)).toEqual([]);
      expect(service.report).toMatchObject({ ...clean, reason: 'companion: operator' });
      await companion.reached('gone');
      const [receipt] = await companion.receipts();
      expect(receipt).toMatchObject({ verdict: 'clean', reason: 'operator', dropped: 0 });
      expect(receipt?.served).toBe(service.report?.requests.served);
      expect(receipt?.maxInFlight).toBeGreaterThan(1);
    } finally {
      clients.destroy();
    }
  });

  it('meets it when it comes later', async () => {
    using folder = new SocketFolder();
    await using service = await ClientService.start({
      drain,
      companion: { socket: socketIn(folder.folder) },
    });
    await service.logged('no companion at');
    await using companion = await CompanionProcess.start(folder.folder);
    await service.logged('the companion is there');
    await companion.reached('ready');
    service.signal('SIGTERM');
    expect(await service.exit()).toMatchObject({ code: 0 });
    await companion.reached('gone');
    expect(await companion.receipts()).toMatchObject([{ verdict: 'clean', epoch: 1 }]);
  });

  it('goes on as the same instance when it is killed and comes back; each departure has its receipt', async () => {
    using folder = new SocketFolder();
    const first = await CompanionProcess.start(folder.folder);
    await using service = await ClientService.start({ drain, companion: { socket: first.socket } });
    await first.reached('ready');
    first.signal('SIGKILL');
    await first.exit();
    await service.logged('no companion at');
    expect(await service.ask('/readyz')).toBe(200);
    await using second = await CompanionProcess.start(folder.folder);
    await second.reached('ready');
    service.signal('SIGTERM');
    expect(await service.exit()).toMatchObject({ code: 0 });
    await second.reached('gone');
    const receipts = await second.receipts();
    expect(receipts.at(-1)).toMatchObject({ verdict: 'clean', exit: { how: 'bye' } });
    expect(service.log.all.filter(({ msg }) => msg === 'the companion is there')).toHaveLength(2);
  });

  it('that is killed while the service leaves: nobody waits for it', async () => {
    using folder = new SocketFolder();
    await using companion = await CompanionProcess.start(folder.folder);
    await using service = await ClientService.start({ drain, companion: { socket: companion.socket } });
    await companion.reached('ready');
    const held = await Connection.open(service.address);
    const exchange = held.send({ path: '/?ms=300' });
    service.signal('SIGTERM');
    await service.state('lame-duck');
    companion.signal('SIGKILL');
    await companion.exit();
    expect(await exchange.answer()).toMatchObject({ status: 200 });
    expect(await service.exit()).toMatchObject({ code: 0, signal: null });
    expect(service.report).toMatchObject(clean);
  });

  it('that is stopped (SIGSTOP): serves, and leaves within a second of its end', async () => {
    using folder = new SocketFolder();
    await using companion = await CompanionProcess.start(folder.folder);
    await using service = await ClientService.start({ drain, companion: { socket: companion.socket } });
    await companion.reached('ready');
    companion.signal('SIGSTOP');
    expect(await service.ask('/')).toBe(200);
    service.signal('SIGTERM');
    await service.logged('shutdown clean');
    const reported = performance.now();
    const { code, at } = await service.exit();
    expect(code).toBe(0);
    expect(at - reported).toBeLessThan(3_000);
  });

  it('that crashes has a receipt that says so', async () => {
    using folder = new SocketFolder();
    await using companion = await CompanionProcess.start(folder.folder);
    await using service = await ClientService.start({ drain, companion: { socket: companion.socket } });
    await companion.reached('ready');
    service.signal('SIGKILL');
    await companion.reached('gone');
    expect(await companion.receipts()).toMatchObject([{ exit: { how: 'eof' }, verdict: 'unknown' }]);
  });

  it('cuts its budgets to what is left', async () => {
    using folder = new SocketFolder();
    await using companion = await CompanionProcess.start(folder.folder);
    await using service = await ClientService.start({
      drain: { delayMs: 60_000, requestsMs: 60_000, hooksMs: 60_000 },
      companion: { socket: companion.socket },
    });
    await companion.reached('ready');
    const held = await Connection.open(service.address);
    const exchange = held.send({ path: '/never', doomed: true });
    await companion.ask('POST', '/v1/drain', { reason: 'operator', deadlineMs: 4_000 });
    expect(await service.exit()).toMatchObject({ code: 1 });
    expect(await exchange.settled()).toBe('lost');
    expect(service.report).toMatchObject({ verdict: 'forced', requests: { dropped: 1 } });
    expect(service.report?.durationMs).toBeLessThan(4_000);
    await companion.reached('gone');
    expect(await companion.receipts()).toMatchObject([
      { verdict: 'dropped', dropped: 1, exit: { how: 'bye' } },
    ]);
  });

  it('gets its receipt with a report that is far too long', async () => {
    using folder = new SocketFolder();
    await using companion = await CompanionProcess.start(folder.folder);
    await using service = await ClientService.start({
      drain,
      failingHooks: Array.from({ length: 40 }, () => 4_000),
      companion: { socket: companion.socket },
    });
    await companion.reached('ready');
    service.signal('SIGTERM');
    expect(await service.exit()).toMatchObject({ code: 1 });
    await companion.reached('gone');
    const [receipt] = await companion.receipts();
    expect(receipt).toMatchObject({ verdict: 'forced', report: { verdict: 'failed', shortened: true } });
  });
});
