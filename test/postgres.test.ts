import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ledger } from '@graceful/conformance/client';
import { takeAway } from './src/examples/departure.js';
import { ExampleProcess } from './src/examples/example-process.js';
import { harm } from './src/examples/harm.js';
import { orderOf, ordersPace } from './src/examples/orders.js';
import { createDatabase, OrdersDatabase } from './src/examples/orders-database.js';

const server = process.env['DATABASE_URL'];
const required = process.env['REQUIRE_POSTGRES'] === '1';
const how = '.ci/with-postgres npx --yes pnpm@12 exec vitest run test/postgres.test.ts';

if (!server) {
  console.warn(`NOT RUN: the orders service with a real PostgreSQL server. To run it: ${how}`);
}

it.runIf(required)('there is a PostgreSQL server at DATABASE_URL, as REQUIRE_POSTGRES=1 demands', () => {
  expect(server, how).toBeTruthy();
});

describe.skipIf(!server)(`with the PostgreSQL server at DATABASE_URL (to run it: ${how})`, () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;

  beforeAll(async () => {
    database = await createDatabase(server ?? '');
  });
  afterAll(async () => await database.drop());

  it('the orders service loses no request under load, nor leaves a connection or half an order behind', async () => {
    const service = await ExampleProcess.start('express-postgres', { DATABASE_URL: database.url });
    const postgres = await OrdersDatabase.connect(database.url);
    const clients = new Ledger();
    let before = 0;
    try {
      const letThrough = await postgres.holdOrdersOf('held');
      const held = (await clients.connect(service.address)).send(orderOf('held'));
      await postgres.untilHeld();

      const exit = await takeAway(service, {
        clients,
        held,
        pace: ordersPace,
        underLoad: async () => {
          before = await postgres.connectionsOfService();
        },
        release: letThrough,
      });

      expect(await postgres.connectionsOfService(), 'in pg_stat_activity, after the exit').toBe(0);
      expect(before, 'in pg_stat_activity, under load').toBeGreaterThan(0);
      expect(harm(clients)).toEqual([]);
      expect(held.response).toMatchObject({ status: 201, saysClose: true });
      expect(exit, service.stderr).toMatchObject({ code: 0, signal: null });
      expect(service.report).toMatchObject({
        verdict: 'clean',
        requests: { dropped: 0 },
        connections: { forced: 0 },
        errors: [],
        heldBy: [],
      });
      expect(service.report?.hooks).toMatchObject([
        { name: 'postgres', phase: 'close', result: 'ok' },
        { name: 'log', phase: 'flush', result: 'ok' },
      ]);

      const taken = clients.exchanges.filter(({ response }) => response?.status === 201);
      expect(await postgres.orders(), 'in the database').toBe(taken.length);
      expect(await postgres.ordersInPieces()).toBe(0);
    } finally {
      clients.destroy();
      await service.destroy();
      await postgres.end();
    }
  });
});
