import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { within } from '@graceful/conformance/client';

const patienceMs = 20_000;
const rounds = 10_000;
const ofService = `pg_stat_activity where application_name = 'orders' and datname = current_database()`;

/** A connection of the test's own to the database of the orders service. */
export class OrdersDatabase {
  readonly #url: string;
  readonly #client: Client;

  static async connect(url: string): Promise<OrdersDatabase> {
    return new OrdersDatabase(url, await connect(url));
  }

  private constructor(url: string, client: Client) {
    this.#url = url;
    this.#client = client;
  }

  async #count(what: string): Promise<number> {
    const { rows } = await this.#client.query<{ count: number }>(`select count(*)::int from ${what}`);
    return rows[0]?.count ?? 0;
  }

  /** How many orders have been committed. */
  orders(): Promise<number> {
    return this.#count('orders');
  }

  /** Orders that lack lines, or whose lines were not written in their own transaction, whose number is in `xmin`. */
  ordersInPieces(): Promise<number> {
    return this.#count(`orders where 2 <> (
      select count(*) from order_lines where order_id = id and order_lines.xmin = orders.xmin)`);
  }

  /** How many connections the service's pool has; `orders` is the name it gives them. */
  connectionsOfService(): Promise<number> {
    return this.#count(ofService);
  }

  /**
   * From now on the order of this customer waits in the middle of its
   * transaction, and no other does: what is unique and inserted by somebody
   * who has not committed must be waited for.
   *
   * @returns lets it through
   */
  async holdOrdersOf(customer: 'held'): Promise<() => Promise<void>> {
    const client = await connect(this.#url);
    await client.query(`create unique index on orders (customer) where customer = '${customer}'`);
    await client.query('begin');
    await client.query(`insert into orders (customer) values ('${customer}')`);
    return () => client.end(); // and with it the transaction
  }

  /** Resolves when an order is being held. */
  async untilHeld(): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      if ((await this.#count(`${ofService} and wait_event_type = 'Lock'`)) === 1) return;
    }
    throw new Error('no order came to be held');
  }

  async end(): Promise<void> {
    await within(patienceMs, 'the end of the connection', this.#client.end());
  }
}

/** A database of the test's own on the server at `url`, and how to take it away. */
export async function createDatabase(url: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `graceful_test_${randomBytes(6).toString('hex')}`;
  await run(url, `create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return { url: own.href, drop: () => run(url, `drop database ${name} with (force)`) };
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: 'graceful-test' });
  // A database that goes away is told by the next query, in the middle of a test and not beside it.
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function run(url: string, statement: string): Promise<void> {
  const client = await connect(url);
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
