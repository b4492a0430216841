import { Pool, type PoolClient } from 'pg';
import { log } from './log.js';

const schema = `
  create table if not exists orders (
    id bigint generated always as identity primary key,
    customer text not null,
    placed_at timestamptz not null default now()
  );
  create table if not exists order_lines (
    order_id bigint not null references orders,
    product text not null,
    quantity integer not null check (quantity > 0),
    cents integer not null check (cents >= 0)
  );
  create index if not exists order_lines_order on order_lines (order_id);
`;

export interface Database {
  readonly pool: Pool;
  /** Resolves when the server has let go of every connection. */
  close(): Promise<void>;
}

/** A pool for the database at `url`, with the tables in it. */
export async function openDatabase(url: string): Promise<Database> {
  const pool = new Pool({
    connectionString: url,
    application_name: 'orders',
    max: 10,
    // Shorter than the requests budget of a shutdown: a request that cannot
    // get a connection is answered with an error, and not cut.
    connectionTimeoutMillis: 5_000,
  });
  // Without a listener, an idle connection that breaks would end the process.
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection broke'));
  const open = new Set<PoolClient>();
  pool.on('connect', (client) => open.add(client));
  pool.on('remove', (client) => open.delete(client));
  await pool.query(schema);
  return {
    pool,
    async close() {
      await pool.end();
      // Now every connection has been told to end, and not more than that:
      // https://github.com/brianc/node-postgres/issues/2328
      while (open.size > 0) await new Promise((resolve) => pool.once('remove', resolve));
    },
  };
}

/** Run `work` in a transaction: committed when it resolves, rolled back when it rejects. */
export async function transaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    // A connection that cannot even roll back does not return to the pool.
    await client.query('rollback').then(
      () => client.release(),
      (broken: Error) => client.release(broken),
    );
    throw error;
  }
}
