import { Client } from 'pg';
import { startEmbeddedDatabase } from '../embedded/start.js';

export interface DemoDatabase {
  readonly url: string;
  /** Such as `PostgreSQL 18.4`. */
  readonly version: string;
  /** How many connections the service still has. */
  connections(): Promise<number>;
  stop(): Promise<void>;
}

/** The database of DATABASE_URL, or an embedded one. */
export async function startDatabase(): Promise<DemoDatabase> {
  const given = process.env['DATABASE_URL'];
  const embedded = given ? undefined : await startEmbeddedDatabase();
  const url = given || (embedded?.url ?? '');
  const ask = async (question: string) => {
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ answer: string }>(question);
    await client.end();
    return rows[0]?.answer ?? '';
  };
  return {
    url,
    version: `PostgreSQL ${await ask(`select split_part(current_setting('server_version'), ' ', 1) as answer`)}`,
    connections: async () =>
      Number(await ask(`select count(*) as answer from pg_stat_activity where application_name = 'orders'`)),
    stop: async () => await embedded?.stop(),
  };
}
