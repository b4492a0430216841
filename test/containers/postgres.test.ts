import { expect, it } from 'vitest';
import { exampleImage } from '../src/containers/images/service-images.js';
import { postgresFolder, postgresImage } from '../src/containers/images/postgres-image.js';
import { TestNetwork } from '../src/containers/network.js';
import { ServiceContainer } from '../src/containers/service-container.js';
import { createDatabase } from '../src/examples/orders-database.js';
import { departFromDatabase } from '../src/examples/orders-departure.js';
import { describeContainers } from './describe-containers.js';

await describeContainers(
  'the orders service and its PostgreSQL, each in a container',
  () => {
    it('leaves under load: no request lost, no order in pieces, and the server counts none of its connections any more', async () => {
      await using network = await TestNetwork.create();
      await using server = await ServiceContainer.start({
        image: await postgresImage(),
        ports: [5_432],
        network: { name: network.name, aliases: ['db'] },
      });
      await server.log.until('the server', ({ msg }) => msg.includes('ready to accept connections'));
      const published = `postgres://postgres@127.0.0.1:${server.address.port}/postgres`;
      const database = await createDatabase(published);
      const name = new URL(database.url).pathname;
      await using service = await ServiceContainer.ready({
        image: await exampleImage('express-postgres'),
        env: { DATABASE_URL: `postgres://postgres@db:5432${name}` },
        network: { name: network.name },
      });

      await departFromDatabase(service, database.url);

      await database.drop();
      const { code } = await server.stop();
      expect(code, server.output).toBe(0);
    });
  },
  {
    images: () => Promise.all([postgresImage(), exampleImage('express-postgres')]),
    programs: postgresFolder() === undefined ? ['postgres'] : [],
  },
);
