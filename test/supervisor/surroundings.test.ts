import { describe, expect, it } from 'vitest';
import { Connection } from '@graceful/conformance/client';
import { nodeService } from '../src/supervisor/behaviour.js';
import { descriptorsOf } from '../src/supervisor/leftovers.js';
import { Load } from '../src/supervisor/load.js';
import { SupervisorProcess } from '../src/supervisor/supervisor-process.js';

const listen = [{ name: 'http', port: 0, host: '127.0.0.1' }];

describe('descriptors', () => {
  it('are as many after 20 upgrades as after one, in the supervisor and in its processes', async () => {
    await using supervisor = await SupervisorProcess.serving({
      listen,
      command: nodeService(),
      overlapMs: 0,
    });
    const counts: { readonly supervisor: number; readonly process: number }[] = [];
    for (let upgrade = 1; upgrade <= 20; upgrade++) {
      expect(await supervisor.upgrade()).toEqual({ done: 'ok' });
      await supervisor.logged('it leaves', ({ message }) => message === `generation ${upgrade} has left`);
      const [pid = 0] = await supervisor.pidsOf(upgrade + 1);
      counts.push({
        supervisor: descriptorsOf(supervisor.pid).length,
        process: descriptorsOf(pid).length,
      });
    }
    expect(counts.at(-1)).toEqual(counts[0]);
  });
});

describe('when whoever reads the output is gone', () => {
  it('the supervisor and its processes live on, and upgrade', async () => {
    const command = nodeService({ talks: 1_000 });
    await using supervisor = await SupervisorProcess.serving({ listen, command });
    using load = new Load({ at: await supervisor.address() });
    supervisor.child.stdout?.destroy();
    supervisor.child.stderr?.destroy();
    // Far more than what a pipe holds has been printed by then.
    await load.more(50);
    expect(await supervisor.upgrade(nodeService({ version: 'v2', talks: 1_000 }))).toEqual({ done: 'ok' });
    await load.more(50);
    await load.nothingLost();
    expect(supervisor.log.filter(({ level }) => level === 'error')).toEqual([]);
    supervisor.signal('SIGTERM');
    expect(await supervisor.exit()).toEqual({ code: 0, signal: null });
  });
});

describe('what a process is given', () => {
  it('is not handed to the programs that it starts', async () => {
    await using supervisor = await SupervisorProcess.serving({ listen, command: nodeService() });
    const connection = await Connection.open(await supervisor.address());
    const { body } = await connection.ask({ path: '/environment-of-a-child' });
    const names = JSON.parse(body).environment as string[];
    expect(names.filter((name) => /^(GRACEFUL_(?!TEST_)|LISTEN_|NODE_)/.test(name))).toEqual([]);
    connection.close();
  });
});
