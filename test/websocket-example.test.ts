import { expect, it } from 'vitest';
import { ExampleProcess } from './src/examples/example-process.js';
import { WsClient } from './src/websocket/ws-client.js';

it('the example, as its `pnpm start` runs it, sends its clients away and leaves', async ({
  onTestFinished,
}) => {
  const service = await ExampleProcess.start('websocket');
  onTestFinished(() => service.destroy());
  const client = await WsClient.open(service.address);
  onTestFinished(() => client.destroy());

  service.terminate();
  await service.state('lame-duck');
  expect(await client.ask('hello')).toMatch(/^process \d+ heard hello$/);
  expect(client.closed).toBeUndefined();

  expect(await client.bye()).toMatchObject({ code: 1001, reason: 'a new version takes over' });
  expect(await service.exit(), service.stderr).toMatchObject({ code: 0 });
  expect(service.report).toMatchObject({
    verdict: 'clean',
    heldBy: [],
    connections: { told: 1, idle: 0, client: 0, forced: 0 },
  });
});
