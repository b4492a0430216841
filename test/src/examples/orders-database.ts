import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { within } from '../harness/deadline.js';

const patienceMs = 20_000;
const rounds = 10_000;

/** A connection of the test's own to the database of the orders service. */
export class OrdersDatabase {
  readonly #client: Client;

  static async connect(url: string): Promise<OrdersDatabase> {
    const client = new Client({ connectionString: url, application_name: 'graceful-test' });
    await client.connect();
    return new OrdersDatabase(client);
  }

  private constructor(client: Client) {
    this.#client = client;
  }

  /** The first column of the first row. */
  async ask(question: string): Promise<unknown> {
    const { rows } = await this.#client.query<unknown[]>({ text: question, rowMode: 'array' });
    return rows[0]?.[0];
  }

  /** How many connections the service's pool has; `orders` is the name it gives them. */
  async connectionsOfService(): Promise<number> {
    return Number(
      await this.ask(
        `select count(*) from pg_stat_activity
         where application_name = 'orders' and datname = current_database()`,
      ),
    );
  }

  /**
   * From now on the order of this customer waits in the middle of its
   * transaction, and no other does: what is unique and inserted by somebody
   * who has not committed must be waited for.
   *
   * @returns lets it through
   */
  async holdOrdersOf(customer: 'held'): Promise<() => Promise<void>> {
    await this.#client.query(`create unique index on orders (customer) where customer = '${customer}'`);
    await this.#client.query('begin');
    await this.#client.query(`insert into orders (customer) values ('${customer}')`);
    return async () => void (await this.#client.query('rollback'));
  }

  /** Resolves when an order is being held, within a transaction of its own. */
  async untilHeld(): Promise<void> {
    const held = `
      select count(*) from pg_stat_activity
      where application_name = 'orders' and datname = current_database()
        and wait_event_type = 'Lock' and xact_start < query_start`;
    for (let round = 0; round < rounds; round += 1) {
      // In a transaction pg_stat_activity is a picture that does not change.
      await this.#client.query('select pg_stat_clear_snapshot()');
      if ((await this.ask(held)) === '1') return;
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

async function run(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
