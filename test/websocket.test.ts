import { describe, expect, it } from 'vitest';
import { Ledger } from '@graceful/conformance/client';
import { stacks, untilTold } from './src/websocket/protocol.js';
import { Trial } from './src/websocket/trial.js';

const drain = { delayMs: 0, requestsMs: 40_000, idleMs: 0 };
/** A client of ours may be slow to answer, as the machine may be busy: it is none of the misbehaving ones. */
const closeMs = 20_000;
/** More than the buffers of both kernels hold. */
const fillerBytes = 20_000_000;
const clean = { verdict: 'clean', exitCode: 0, errors: [], heldBy: [] };

describe.concurrent('WebSockets', () => {
  describe.each(stacks)('of %s', (stack) => {
    it('are told 1001, those that were opened in the lame-duck too, and no request is lost', async ({
      onTestFinished,
    }) => {
      const trial = await Trial.start(onTestFinished, {
        stack,
        drain: untilTold,
        close: { reason: 'the service restarts', spreadMs: 100, closeMs },
      });
      const { service } = trial;
      const requests = trial.keep(new Ledger());
      const clients = await trial.wss(5);
      const raw = await trial.raw();
      const held = (await requests.connect(service.address)).send({ path: '/held' });
      await service.held(1);

      service.terminate();
      await service.state('lame-duck');
      const late = await trial.ws();
      expect(await late.ask('in the lame-duck')).toBe('echo in the lame-duck');
      expect(await clients[0]?.ask('too')).toBe('echo too');
      const told = [...clients, late].filter(({ closed }) => closed);
      expect([told, raw.closeFrame], 'told in the lame-duck').toEqual([[], undefined]);
      service.tell({ type: 'drain' });

      const byes = await Promise.all([...clients, late].map((client) => client.bye()));
      for (const bye of byes) expect(bye).toMatchObject({ code: 1001, reason: 'the service restarts' });
      expect(await raw.toldBye()).toMatchObject({ code: 1001, reason: 'the service restarts' });
      await raw.closed();
      service.tell({ type: 'release' });
      expect(await held.answer()).toMatchObject({ status: 200, body: 'answered', saysClose: true });

      expect(await service.exit(), service.stderr).toBe(0);
      expect(service.report).toMatchObject(clean);
      expect(service.report).toMatchObject({
        requests: { served: 1, dropped: 0 },
        connections: { told: 8, idle: 0, client: 0, forced: 0 },
      });
      expect(service.report.drainables).toContainEqual(
        expect.objectContaining({ name: 'websockets', dropped: 0 }),
      );
    });
  });

  it('are told one after the other, evenly over the span', async ({ onTestFinished }) => {
    const spanMs = 2_000;
    const trial = await Trial.start(onTestFinished, {
      stack: 'http',
      drain,
      close: { spreadMs: spanMs, closeMs },
    });
    const clients = await trial.wss(20);

    const begunAt = performance.now();
    trial.service.terminate();
    const byes = await Promise.all(clients.map((client) => client.bye()));

    // A machine that stands still makes some late, and none early: the k-th of n is due at k/n of the span.
    const early = byes
      .map(({ at }) => at - begunAt)
      .toSorted((one, other) => one - other)
      .filter((afterMs, index) => afterMs < (index / clients.length) * spanMs);
    expect(early, 'told before their turns, in ms').toEqual([]);
    expect(await trial.service.exit()).toBe(0);
  });

  it.for([{ deflate: false }, { deflate: true }])(
    'get all that was sent before (compressed: $deflate)',
    async ({ deflate }, { onTestFinished }) => {
      const trial = await Trial.start(onTestFinished, {
        stack: 'http',
        drain,
        close: { spreadMs: 0, closeMs },
        deflate,
      });
      const { service } = trial;
      const slow = await trial.ws({ deflate });
      slow.pause();
      await service.send(['the last word'], fillerBytes);
      const other = await trial.ws();

      service.terminate();
      // It was told after the slow one.
      await other.bye();
      expect(slow.messages).toEqual([]);
      slow.resume();

      expect(await slow.bye()).toMatchObject({ code: 1001 });
      expect(slow.messages).toEqual([`${fillerBytes} bytes`, 'the last word']);
      expect(await service.exit()).toBe(0);
      expect(service.report).toMatchObject({ ...clean, connections: { told: 2, client: 0, forced: 0 } });
    },
  );

  it('are not cut while they read what was sent before, however slowly', async ({ onTestFinished }) => {
    const trial = await Trial.start(onTestFinished, {
      stack: 'http',
      drain,
      close: { spreadMs: 0, closeMs: 6_000 },
    });
    const { service } = trial;
    const slow = await trial.ws();
    slow.pause();
    await service.send(['the last word'], fillerBytes);
    const straggler = await trial.raw({ answers: false });

    service.terminate();
    // It was told after the slow one, and its time has run out.
    await straggler.closed();
    expect(slow.messages).toEqual([]);
    slow.resume();

    expect(await slow.bye()).toMatchObject({ code: 1001 });
    expect(slow.messages).toEqual([`${fillerBytes} bytes`, 'the last word']);
    expect(await service.exit()).toBe(1);
    expect(service.report.connections).toEqual({ told: 1, idle: 0, client: 0, forced: 1 });
  });

  it('are heard until they answer the close frame', async ({ onTestFinished }) => {
    const trial = await Trial.start(onTestFinished, { stack: 'http', drain, close: { closeMs } });
    const { service } = trial;
    const client = await trial.raw({ answers: false });

    service.terminate();
    await client.toldBye();
    client.say('said before it was read');
    expect(await service.heard(1)).toEqual(['said before it was read']);
    client.answer();

    expect(await service.exit()).toBe(0);
    expect(service.report).toMatchObject({ ...clean, connections: { told: 1, client: 0, forced: 0 } });
  });

  it('that do not answer are cut after a while, and counted once', async ({ onTestFinished }) => {
    const trial = await Trial.start(onTestFinished, {
      stack: 'http',
      drain,
      close: { closeMs: 4_000 },
    });
    const { service } = trial;
    const straggler = await trial.raw({ answers: false });
    const other = await trial.ws();

    service.terminate();
    expect(await straggler.toldBye()).toMatchObject({ code: 1001, reason: '' });
    expect(await other.bye()).toMatchObject({ code: 1001 });
    await straggler.closed();

    expect(await service.exit()).toBe(1);
    expect(service.report).toMatchObject({
      verdict: 'forced',
      errors: [],
      heldBy: [],
      requests: { dropped: 0 },
      connections: { told: 1, client: 0, forced: 1 },
    });
    const dropped = Object.fromEntries(
      service.report.drainables.map((drainable) => [drainable.name, drainable.dropped]),
    );
    expect(dropped).toMatchObject({ websockets: 1, http: 0 });
    const [closing] = service.report.states.filter(({ state }) => state === 'closing');
    expect(closing?.afterMs, 'long before the end of the budget').toBeLessThan(drain.requestsMs / 2);
  });

  // Express: its server takes part in the drain before its WebSockets do.
  it.for(['http', 'express'] as const)(
    'that are there at the end of the budget are cut, and counted once (%s)',
    async (stack, { onTestFinished }) => {
      const trial = await Trial.start(onTestFinished, {
        stack,
        drain: { delayMs: 0, requestsMs: 600, idleMs: 0 },
        close: { closeMs: 60_000, spreadMs: 0 },
      });
      const { service } = trial;
      const stragglers = [await trial.raw({ answers: false }), await trial.raw({ answers: false })];

      service.terminate();
      for (const straggler of stragglers) {
        expect(await straggler.toldBye()).toMatchObject({ code: 1001 });
        await straggler.closed();
      }

      expect(await service.exit()).toBe(1);
      expect(service.report).toMatchObject({
        verdict: 'forced',
        errors: [],
        heldBy: [],
        requests: { dropped: 0 },
        connections: { told: 0, idle: 0, client: 0, forced: 2 },
      });
      expect(service.report.drainables.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(2);
    },
  );

  it('whose turn does not come before the end of the budget are cut, and counted once', async ({
    onTestFinished,
  }) => {
    const trial = await Trial.start(onTestFinished, {
      stack: 'http',
      drain: { delayMs: 0, requestsMs: 3_000, idleMs: 0 },
      close: { spreadMs: 60_000, closeMs },
    });
    const { service } = trial;
    const [first, second] = await trial.wss(2);

    service.terminate();
    expect(await first?.bye()).toMatchObject({ code: 1001 });
    expect(await second?.bye(), 'no close frame').toMatchObject({ code: 1006 });

    expect(await service.exit()).toBe(1);
    expect(service.report).toMatchObject({
      verdict: 'forced',
      connections: { told: 1, idle: 0, client: 0, forced: 1 },
    });
  });

  it('that were cut before the end of the budget are counted with those that are cut then', async ({
    onTestFinished,
  }) => {
    const trial = await Trial.start(onTestFinished, {
      stack: 'http',
      drain: { delayMs: 0, requestsMs: 4_000, idleMs: 0 },
      close: { closeMs: 200, spreadMs: 60_000 },
    });
    const { service } = trial;
    const straggler = await trial.raw({ answers: false });
    const untold = await trial.raw({ answers: false });

    service.terminate();
    await straggler.closed();
    expect(untold.ended).toBe(false);
    await untold.closed();

    expect([straggler.closeFrame?.code, untold.closeFrame]).toEqual([1001, undefined]);
    expect(await service.exit()).toBe(1);
    expect(service.report).toMatchObject({ verdict: 'forced', connections: { told: 0, forced: 2 } });
    expect(service.report.drainables.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(2);
  });

  it('whose upgrade takes until the others have gone are told too', async ({ onTestFinished }) => {
    const trial = await Trial.start(onTestFinished, { stack: 'http', drain, close: { closeMs } });
    const { service } = trial;
    const early = await trial.ws();
    const late = trial.beginRaw({ path: '/held' });
    await service.held(1);

    service.terminate();
    await early.bye();
    service.tell({ type: 'release' });

    expect(await late.toldBye()).toMatchObject({ code: 1001 });
    expect(late.status).toBe('HTTP/1.1 101 Switching Protocols');
    expect(await service.exit()).toBe(0);
    expect(service.report).toMatchObject({ ...clean, connections: { told: 2, client: 0, forced: 0 } });
  });

  it('that leave of their own accord are not told', async ({ onTestFinished }) => {
    const trial = await Trial.start(onTestFinished, {
      stack: 'http',
      drain,
      close: { spreadMs: 60_000, closeMs },
    });
    const { service } = trial;
    const [first, leaving, breaking] = await trial.wss(3);

    service.terminate();
    expect(await first?.bye()).toMatchObject({ code: 1001 });
    leaving?.close();
    breaking?.destroy();
    expect(await leaving?.bye()).toMatchObject({ code: 1000 });

    expect(await service.exit()).toBe(0);
    expect(service.report).toMatchObject({ ...clean, connections: { told: 1, client: 2, forced: 0 } });
  });
});

describe.concurrent('what is upgraded to anything else', () => {
  const upgrade = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n';
  const tunnel = 'CONNECT example:80 HTTP/1.1\r\nHost: example:80\r\n\r\n';

  it('is counted, works through the drain, and is waited for', async ({ onTestFinished }) => {
    const trial = await Trial.start(onTestFinished, { stack: 'http', drain });
    const { service } = trial;
    const clients = [await trial.raw({ head: upgrade }), await trial.raw({ head: tunnel })];
    expect(clients.map(({ status }) => status)).toEqual([
      'HTTP/1.1 101 Switching Protocols',
      'HTTP/1.1 200 Connection established',
    ]);
    expect(await service.connections()).toMatchObject({ hijacked: 2, active: 0, idle: 0, new: 0 });

    service.terminate();
    await service.state('draining');
    for (const client of clients) {
      client.write('still here');
      await client.until('an echo', () => client.text === 'still here');
    }
    expect(await service.connections()).toMatchObject({ hijacked: 2 });
    for (const client of clients) client.end();

    expect(await service.exit()).toBe(0);
    expect(service.report).toMatchObject({
      ...clean,
      connections: { told: 0, idle: 0, client: 2, forced: 0 },
    });
  });

  it('is cut at the end of the budget, and counted', async ({ onTestFinished }) => {
    const trial = await Trial.start(onTestFinished, {
      stack: 'http',
      drain: { delayMs: 0, requestsMs: 300, idleMs: 0 },
    });
    const { service } = trial;
    const clients = [await trial.raw({ head: upgrade }), await trial.raw({ head: tunnel })];

    service.terminate();
    for (const client of clients) await client.closed();

    expect(await service.exit()).toBe(1);
    expect(service.report).toMatchObject({
      verdict: 'forced',
      errors: [],
      heldBy: [],
      connections: { told: 0, idle: 0, client: 0, forced: 2 },
    });
    expect(service.report.drainables).toContainEqual(expect.objectContaining({ name: 'http', dropped: 2 }));
  });
});
