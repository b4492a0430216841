import type { ShutdownReport } from '@graceful/core';
import { describe, expect, it } from 'vitest';
import { Ledger, type Pace } from '@graceful/conformance/client';
import { takeAway, untilInFlight } from './src/examples/departure.js';
import { EmbeddedDatabasePlace } from './src/examples/embedded-database.js';
import { ExampleProcess } from './src/examples/example-process.js';
import { harm } from './src/examples/harm.js';
import { orderOf, ordersPace } from './src/examples/orders.js';
import { OrdersDatabase } from './src/examples/orders-database.js';

/** Nothing lost by anybody's account, and everything at its end. */
const clean: Partial<ShutdownReport> = {
  reason: 'SIGTERM',
  verdict: 'clean',
  exitCode: 0,
  errors: [],
  heldBy: [],
};

function hooksOf(report: ShutdownReport | undefined): string[] {
  return (report?.hooks ?? []).map(({ name, phase, result }) => `${phase}: ${name} ${result}`);
}

const plain = [
  ['node-http', { answer: 'hello, 6500 ms later\n', hooks: ['close: greeter ok'] }],
  [
    'fastify-minimal',
    { answer: '{"hello":"world","ms":6500}', hooks: ['close: fastify ok', 'close: greeter ok'] },
  ],
] as const;

describe.concurrent('an example, as its `pnpm start` runs it', () => {
  it.each(plain)('%s leaves under load without losing a request', async (name, { answer, hooks }) => {
    const service = await ExampleProcess.start(name);
    const clients = new Ledger();
    try {
      // Longer than the five seconds of the lame-duck, so that the drain has something to wait for.
      const held = (await clients.connect(service.address)).send({ path: '/?ms=6500' });
      await untilInFlight(service.address);
      const pace: Pace = { requests: [{ path: '/' }, { path: '/?ms=30' }], thinkMs: 5 };

      const exit = await takeAway(service, { clients, held, pace });

      expect(harm(clients)).toEqual([]);
      expect(held.response).toMatchObject({ status: 200, body: answer, saysClose: true });
      expect(exit, service.stderr).toMatchObject({ code: 0, signal: null });
      expect(service.report).toMatchObject(clean);
      expect(service.report).toMatchObject({ requests: { dropped: 0 }, connections: { forced: 0 } });
      expect(service.report?.requests.inFlightAtStart).toBeGreaterThanOrEqual(1);
      expect(hooksOf(service.report).toSorted()).toEqual(hooks);
      expect(service.stderr).toBe('');
    } finally {
      clients.destroy();
      await service.destroy();
    }
  });

  it('express-postgres leaves under load: its pool, then the database that came along, the log last', async () => {
    const place = new EmbeddedDatabasePlace();
    const service = await ExampleProcess.start('express-postgres', place.env);
    const clients = new Ledger();
    const observers = new Ledger();
    try {
      const database = await OrdersDatabase.connect(place.url);
      const letThrough = await database.holdOrdersOf('held');
      const held = (await clients.connect(service.address)).send(orderOf('held'));
      await database.untilHeld();
      const ask = async (path: string) =>
        await (await observers.connect(service.address)).ask({ path, probe: true });
      const metrics = async () => (await ask('/metrics')).body;

      const exit = await takeAway(service, {
        clients,
        held,
        pace: ordersPace,
        underLoad: async () => {
          expect(await ask('/readyz')).toMatchObject({ status: 200 });
          expect(await metrics()).toMatch(/^graceful_ready 1$/m);
          expect(await metrics()).toMatch(/^process_cpu_seconds_total /m);
          expect(await database.orders()).toBeGreaterThan(0);
          expect(await database.ordersInPieces()).toBe(0);
        },
        inLameDuck: async () => {
          expect(await ask('/readyz')).toMatchObject({ status: 503, saysClose: true });
          expect(await metrics()).toMatch(/^graceful_ready 0$/m);
          expect(await metrics()).toMatch(/^graceful_state\{state="lame-duck"\} 1$/m);
        },
        release: async () => {
          await letThrough();
          await database.end();
        },
      });

      expect(harm(clients)).toEqual([]);
      expect(held.response).toMatchObject({ status: 201, saysClose: true });
      expect(exit, service.stderr).toMatchObject({ code: 0, signal: null });
      expect(service.report).toMatchObject(clean);
      expect(service.report).toMatchObject({ requests: { dropped: 0 }, connections: { forced: 0 } });
      expect(hooksOf(service.report)).toEqual([
        'close: postgres ok',
        'close: embedded-postgres ok',
        'flush: log ok',
      ]);
      expect(service.log.all.at(-1)?.report, 'the last line of the log').toBeDefined();
      expect(service.stderr).toBe('');
      expect(place.content, 'what is left of the embedded database').toEqual([]);
    } finally {
      clients.destroy();
      observers.destroy();
      await service.destroy();
      place.remove();
    }
  });

  it('express-postgres names the check that fails when its database is gone, and leaves all the same', async () => {
    const place = new EmbeddedDatabasePlace();
    const service = await ExampleProcess.start('express-postgres', place.env);
    const observers = new Ledger();
    try {
      const connection = await observers.connect(service.address);
      expect(await connection.ask({ path: '/readyz' })).toMatchObject({ status: 200 });

      place.endServer();
      await service.log.until('the check that fails', ({ check, cause }) => {
        return check === 'postgres' && cause === 'failed';
      });

      const ready = await connection.ask({ path: '/readyz' });
      expect(ready.status).toBe(503);
      expect(JSON.parse(ready.body)).toMatchObject({
        status: 'unavailable',
        checks: { postgres: { status: 'fail', cause: 'failed' } },
      });
      expect(await connection.ask({ path: '/healthz' })).toMatchObject({ status: 200 });
      expect(await connection.ask({ path: '/orders' })).toMatchObject({ status: 500 });

      service.terminate();
      expect(await service.exit(), service.stderr).toMatchObject({ code: 0, signal: null });
      expect(service.report).toMatchObject(clean);
      expect(place.content, 'what is left of the embedded database').toEqual([]);
    } finally {
      observers.destroy();
      await service.destroy();
      place.remove();
    }
  });
});
