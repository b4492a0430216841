import { expect, it } from 'vitest';
import { SocketFolder } from '../src/listeners/addresses.js';
import { nodeService, rawChild } from '../src/supervisor/behaviour.js';
import { Load } from '../src/supervisor/load.js';
import { SupervisorProcess } from '../src/supervisor/supervisor-process.js';

const upgrades = 5;

it.each([
  { name: 'all at once', rolling: false },
  { name: 'one by one', rolling: true },
])(
  `${upgrades} upgrades, failing ones between them, lose nothing: kept-alive, fresh, large, slow, over TCP and a Unix socket; $name`,
  async ({ rolling }) => {
    using folder = new SocketFolder();
    const path = folder.path();
    await using supervisor = await SupervisorProcess.serving({
      listen: [
        { name: 'http', port: 0, host: '127.0.0.1' },
        { name: 'unix', path },
      ],
      workers: 2,
      rolling,
      command: nodeService({ version: 'v0', path }),
      readyMs: 20_000,
      terminateMs: 300,
    });
    using load = new Load({
      at: await supervisor.address(),
      unix: await supervisor.address('unix'),
      kept: 3,
      fresh: 2,
      slow: 2,
    });
    await load.more();
    const broken = [
      ['/nowhere/server'],
      nodeService({ path, goes: { at: 'start', code: 1 } }),
      nodeService({ path, goes: { at: 'start', signal: 'SIGKILL' } }),
      rawChild([{ bytes: '{nonsense\n' }], true),
      rawChild([{ hello: { v: 2 } }], true),
    ];
    for (let upgrade = 1; upgrade <= upgrades; upgrade++) {
      const bad = broken[upgrade - 1] as readonly string[];
      expect(await supervisor.upgrade(bad)).toMatchObject({ done: 'failed' });
      expect(await supervisor.upgrade(nodeService({ version: `v${upgrade}`, path }))).toEqual({ done: 'ok' });
      await load.more();
    }
    // Long enough for a slow answer that was begun by the last but one.
    const last = upgrades * 2 - 1;
    await supervisor.logged('it leaves', ({ message }) => message === `generation ${last} has left`);
    const { answered, versions } = await load.nothingLost();
    expect(versions.toSorted()).toEqual(Array.from({ length: upgrades + 1 }, (_, index) => `v${index}`));
    expect(answered).toBeGreaterThan(200);
    supervisor.signal('SIGTERM');
    expect(await supervisor.exit()).toEqual({ code: 0, signal: null });
    await supervisor.nothingLeft();
  },
);
