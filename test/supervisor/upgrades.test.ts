import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeService, pythonService } from '../src/supervisor/behaviour.js';
import { Load } from '../src/supervisor/load.js';
import { SocketFolder } from '../src/listeners/addresses.js';
import { SupervisorProcess } from '../src/supervisor/supervisor-process.js';

const listen = [{ name: 'http', port: 0, host: '127.0.0.1' }];

describe('an upgrade', () => {
  it.each([
    { name: 'of one process', workers: 1, rolling: false },
    { name: 'of three processes at once', workers: 3, rolling: false },
    { name: 'of three processes one by one', workers: 3, rolling: true },
  ])('$name loses nothing', async ({ workers, rolling }) => {
    await using supervisor = await SupervisorProcess.serving({
      listen,
      workers,
      rolling,
      command: nodeService(),
    });
    const before = await supervisor.pidsOf(1);
    expect(before).toHaveLength(workers);
    using load = new Load({ at: await supervisor.address() });
    await load.more();

    expect(await supervisor.upgrade(nodeService({ version: 'v2' }))).toEqual({ done: 'ok' });
    await supervisor.logged('the old ones leave', ({ message }) => message === 'generation 1 has left');
    await load.more();

    const { versions } = await load.nothingLost();
    expect(versions).toEqual(['v1', 'v2']);
    const { generation, state, generations } = await supervisor.status();
    expect({ generation, state }).toEqual({ generation: 2, state: 'serving' });
    expect(generations).toMatchObject([{ generation: 2, state: 'active' }]);
    expect(generations[0]?.workers).toHaveLength(workers);
    supervisor.signal('SIGTERM');
    expect(await supervisor.exit()).toEqual({ code: 0, signal: null });
    await supervisor.nothingLeft();
  });

  it('replaces them one by one: the next begins when the one before is replaced', async () => {
    await using supervisor = await SupervisorProcess.serving({
      listen,
      workers: 2,
      rolling: true,
      command: nodeService(),
    });
    await supervisor.upgrade(nodeService({ version: 'v2' }));
    const order = supervisor.log
      .filter(({ generation, state }) => (generation === 2 && state === 'active') || state === 'draining')
      .map(({ generation, state }) => `${generation} ${state}`);
    expect(order).toEqual(['2 active', '1 draining', '2 active', '1 draining']);
  });

  it('of a Unix socket: its path stays, until the service ends', async () => {
    using folder = new SocketFolder();
    const path = folder.path();
    await using supervisor = await SupervisorProcess.serving({
      listen: [...listen, { name: 'unix', path }],
      command: nodeService({ path }),
    });
    using load = new Load({ at: await supervisor.address(), unix: await supervisor.address('unix') });
    await load.more();
    for (const version of ['v2', 'v3']) {
      expect(await supervisor.upgrade(nodeService({ version, path }))).toEqual({ done: 'ok' });
    }
    await supervisor.logged('the second leaves', ({ message }) => message === 'generation 2 has left');
    await load.more();
    await load.nothingLost();
    supervisor.signal('SIGTERM');
    expect(await supervisor.exit()).toMatchObject({ code: 0 });
    expect(existsSync(path)).toBe(false);
  });

  it('of a Python server, through LISTEN_FDS and a newline, loses nothing', async () => {
    await using supervisor = await SupervisorProcess.serving({ listen, command: pythonService('v1') });
    using load = new Load({ at: await supervisor.address() });
    await load.more();
    expect(await supervisor.upgrade(pythonService('v2'))).toEqual({ done: 'ok' });
    await supervisor.logged('the old one leaves', ({ message }) => message === 'generation 1 has left');
    await load.more();
    expect((await load.nothingLost()).versions).toEqual(['v1', 'v2']);
    supervisor.signal('SIGTERM');
    expect(await supervisor.exit()).toEqual({ code: 0, signal: null });
    await supervisor.nothingLeft();
  });
});
