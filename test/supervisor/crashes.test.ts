import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Connection } from '@graceful/conformance/client';
import { SocketFolder } from '../src/listeners/addresses.js';
import { ask } from '../src/supervisor/ask.js';
import { nodeService } from '../src/supervisor/behaviour.js';
import { SupervisorProcess } from '../src/supervisor/supervisor-process.js';

const listen = [{ name: 'http', port: 0, host: '127.0.0.1' }];

/** Kill each process of `generation` as it becomes the one that serves, `times` in a row. */
async function keepsCrashing(
  supervisor: SupervisorProcess,
  generation: number,
  times: number,
): Promise<void> {
  for (let crash = 1; crash <= times; crash++) {
    const { pid = 0 } = await supervisor.reached(generation, 'active', crash);
    process.kill(pid, 'SIGKILL');
    await supervisor.reached(generation, 'exited', crash);
  }
}

describe('a process that crashes', () => {
  it('is followed by another, later each time; meanwhile connections wait and none is refused', async () => {
    await using supervisor = await SupervisorProcess.serving({ listen, command: nodeService() });
    const address = await supervisor.address();
    for (const crash of [1, 2, 3]) {
      const { pid = 0 } = await supervisor.reached(1, 'active', crash);
      process.kill(pid, 'SIGKILL');
      await supervisor.reached(1, 'exited', crash);
      // Nobody accepts at this moment: it waits in the queue, and is answered.
      const connection = await Connection.open(address);
      expect(await connection.ask({ path: '/' })).toMatchObject({ status: 200 });
      connection.close();
    }
    const delays = supervisor.log
      .flatMap(({ message }) => /another is started in (\d+) ms/.exec(message)?.[1] ?? [])
      .map(Number);
    expect(delays).toEqual([0, 1_000, 1_500]);
    expect((await supervisor.generation(1)).workers).toMatchObject([{ state: 'active', restarts: 3 }]);
    supervisor.signal('SIGTERM');
    expect(await supervisor.exit()).toEqual({ code: 0, signal: null });
  });

  it('leaves the path of a Unix socket where it is, however it ends', async () => {
    using folder = new SocketFolder();
    const path = folder.path();
    await using supervisor = await SupervisorProcess.serving({
      listen: [...listen, { name: 'unix', path }],
      // One that throws drains first, and here waits for what will never be answered.
      command: nodeService({ path, drain: { requestsMs: 1_000 } }),
    });
    for (const [crash, way] of ['/exit', '/throw'].entries()) {
      await supervisor.reached(1, 'active', crash + 1);
      const doomed = await Connection.open(await supervisor.address());
      doomed.send({ path: way, doomed: true });
      await supervisor.reached(1, 'exited', crash + 1);
      const connection = await Connection.open(await supervisor.address('unix'));
      expect(await connection.ask({ path: '/' })).toMatchObject({ status: 200 });
      connection.close();
      doomed.destroy();
    }
  });

  it('of an uncaught error is followed at once, while it works on what it has', async () => {
    await using supervisor = await SupervisorProcess.serving({ listen, command: nodeService() });
    const address = await supervisor.address();
    const held = await Connection.open(address);
    await held.ask({ path: '/' });
    const exchange = held.draft({ method: 'POST', path: '/echo', body: 'xyz' });
    exchange.send(exchange.wire.headBytes + 1);
    const doomed = await Connection.open(address);
    doomed.send({ path: '/throw-outside', doomed: true });
    await supervisor.reached(1, 'active', 2);
    expect(supervisor.log.filter(({ state }) => state === 'exited')).toEqual([]);
    const connection = await Connection.open(address);
    expect(await connection.ask({ path: '/' })).toMatchObject({ status: 200 });
    connection.close();
    expect(await exchange.send().answer()).toMatchObject({ status: 200 });
    await supervisor.reached(1, 'exited');
    expect((await supervisor.generation(1)).workers).toMatchObject([{ state: 'active', restarts: 1 }]);
    doomed.destroy();
  });

  it('after an upgrade is followed by one of the new version', async () => {
    await using supervisor = await SupervisorProcess.serving({ listen, command: nodeService() });
    expect(await supervisor.upgrade(nodeService({ version: 'v2' }))).toEqual({ done: 'ok' });
    await keepsCrashing(supervisor, 2, 1);
    await supervisor.reached(2, 'active', 2);
    expect(await ask(supervisor, 2, '/')).toMatchObject({ version: 'v2' });
  });

  it('one of two: the other serves on', async () => {
    await using supervisor = await SupervisorProcess.serving({ listen, workers: 2, command: nodeService() });
    const [first = 0, second = 0] = await supervisor.pidsOf(1);
    process.kill(first, 'SIGKILL');
    await supervisor.reached(1, 'active', 3);
    const pids = await supervisor.pidsOf(1);
    expect(pids).toContain(second);
    expect(pids).not.toContain(first);
  });
});

describe('a version that keeps crashing', () => {
  it('is rolled back by itself, once, and never to and fro', async () => {
    await using supervisor = await SupervisorProcess.serving({
      listen,
      command: nodeService({ version: 'v1' }),
      rollback: { crashes: 2, withinMs: 60_000 },
    });
    expect(await supervisor.upgrade(nodeService({ version: 'v2' }))).toEqual({ done: 'ok' });
    await keepsCrashing(supervisor, 2, 2);
    await supervisor.logged('a rollback', ({ message }) =>
      message.endsWith('2 times since it took over: rolling back'),
    );
    await supervisor.logged('its end', ({ message }) => message === 'upgrade to generation 3: success');
    expect(await ask(supervisor, 3, '/')).toMatchObject({ version: 'v1' });

    // What was gone back to crashes too: it is started again, and that is all.
    await keepsCrashing(supervisor, 3, 3);
    await supervisor.reached(3, 'active', 4);
    expect(await supervisor.status()).toMatchObject({ generation: 3, state: 'serving' });
    expect(supervisor.log.filter(({ message }) => message.includes('rolling back'))).toHaveLength(1);
  });

  it('is left to the operator where that is wished', async () => {
    await using supervisor = await SupervisorProcess.serving({
      listen,
      command: nodeService(),
      rollback: false,
    });
    expect(await supervisor.upgrade(nodeService({ version: 'v2' }))).toEqual({ done: 'ok' });
    await keepsCrashing(supervisor, 2, 3);
    await supervisor.reached(2, 'active', 4);
    expect(await supervisor.status()).toMatchObject({ generation: 2, state: 'serving' });
    expect(await supervisor.rollback()).toEqual({ done: 'ok' });
    expect((await supervisor.generation(3)).command).toEqual(nodeService());
  });

  it('in the middle of a rolling upgrade ends that, and the old ones are back', async () => {
    await using supervisor = await SupervisorProcess.serving({
      listen,
      workers: 2,
      rolling: true,
      overlapMs: 1_000,
      command: nodeService(),
    });
    const upgrade = supervisor.upgrade(nodeService({ version: 'v2' }));
    await keepsCrashing(supervisor, 2, 1);
    expect(await upgrade).toMatchObject({ done: 'failed', code: 'exit' });
    await supervisor.logged('the new ones leave', ({ message }) => message === 'generation 2 has left');
    const { generation, generations } = await supervisor.status();
    expect(generation).toBe(1);
    expect(generations).toHaveLength(1);
    expect(generations[0]?.workers.map(({ state }) => state)).toEqual(['active', 'active']);
  });
});

describe('the supervisor itself', () => {
  it('never accepts: who connects while nobody serves waits for the next process', async () => {
    await using supervisor = await SupervisorProcess.serving({ listen, command: nodeService() });
    const { port } = await supervisor.address();
    expect(await supervisor.drain()).toEqual({ done: 'ok' });
    expect(await supervisor.status()).toMatchObject({ state: 'drained', generations: [] });
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(await supervisor.upgrade(nodeService({ version: 'v2' }))).toEqual({ done: 'ok' });
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(String(answer)).toContain('"version":"v2"');
    socket.destroy();
    // What ran before the drain is what a rollback goes back to.
    expect(await supervisor.rollback()).toEqual({ done: 'ok' });
    expect((await supervisor.generation(3)).command).toEqual(nodeService());
  });
});
