import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExampleProcess } from './src/examples/example-process.js';
import { createDatabase } from './src/examples/orders-database.js';
import { departFromDatabase } from './src/examples/orders-departure.js';

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
    try {
      await departFromDatabase(service, database.url);
    } finally {
      await service.destroy();
    }
  });
});
