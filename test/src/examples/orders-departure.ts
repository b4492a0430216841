import type { ShutdownReport } from '@graceful/core';
import { Ledger } from '@graceful/conformance/client';
import { expect } from 'vitest';
import { type Leaver, takeAway } from './departure.js';
import { harm } from './harm.js';
import { orderOf, ordersPace } from './orders.js';
import { OrdersDatabase } from './orders-database.js';

/** The orders service, however it was started. */
export interface OrdersService extends Leaver {
  readonly report: ShutdownReport | undefined;
}

/**
 * Take the orders service away under load, with an order in the middle of its
 * transaction; nobody may notice, neither its clients nor its database, whose
 * `url` the test can reach.
 */
export async function departFromDatabase(service: OrdersService, url: string): Promise<void> {
  const postgres = await OrdersDatabase.connect(url);
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
    expect(exit).toMatchObject({ code: 0, signal: null });
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
    await postgres.end();
  }
}
