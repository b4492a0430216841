import express, { Router } from 'express';
import type { Pool } from 'pg';
import { transaction } from './database.js';
import { parseOrder } from './order.js';

const insertOrder = 'insert into orders (customer) values ($1) returning id, placed_at';

const insertLines = `
  insert into order_lines (order_id, product, quantity, cents)
  select $1, product, quantity, cents
  from jsonb_to_recordset($2) as line (product text, quantity integer, cents integer)`;

const selectOrders = `
  select id, customer, placed_at, count(*)::int as lines, sum(quantity::float8 * cents) as cents
  from orders join order_lines on order_id = id`;

/** `POST /`, `GET /`, `GET /:id`, `GET /report`: each request is one transaction. */
export function orders(pool: Pool): Router {
  const router = Router();

  router.post('/', express.json(), async (request, response) => {
    const order = parseOrder(request.body);
    if (typeof order === 'string') {
      response.status(400).json({ error: order });
      return;
    }
    const placed = await transaction(pool, async (client) => {
      const { rows } = await client.query<{ id: string }>(insertOrder, [order.customer]);
      await client.query(insertLines, [rows[0]?.id, JSON.stringify(order.lines)]);
      return rows[0];
    });
    response.status(201).json({ ...placed, ...order });
  });

  router.get('/', async (_request, response) => {
    const { rows } = await transaction(pool, (client) =>
      client.query(`${selectOrders} group by id order by id desc limit 10`),
    );
    response.json(rows);
  });

  // A query that takes its time: what a shutdown has to wait for.
  router.get('/report', async (request, response) => {
    const seconds = Math.min(Number(request.query['seconds'] ?? 2) || 0, 30);
    const { rows } = await transaction(pool, async (client) => {
      await client.query('select pg_sleep($1)', [seconds]);
      return await client.query(`select count(*)::int as orders from orders`);
    });
    response.json(rows[0]);
  });

  router.get('/:id', async (request, response) => {
    const { rows } = await transaction(pool, (client) =>
      client.query(`${selectOrders} where id::text = $1 group by id`, [request.params.id]),
    );
    if (rows[0]) response.json(rows[0]);
    else response.status(404).json({ error: `no order ${request.params.id}` });
  });

  return router;
}
