import { describe, expect, it } from 'vitest';
import { Connection } from '@graceful/conformance/client';
import { nodeService } from '../src/supervisor/behaviour.js';
import { descriptorsOf } from '../src/supervisor/leftovers.js';
import { Load } from '../src/supervisor/load.js';
import { SupervisorProcess } from '../src/supervisor/supervisor-process.js';

const listen = [{ name: 'http', port: 0, host: '127.0.0.1' }];

describe('descriptors', () => {
  it('are no more after 20 upgrades than after one, in the supervisor and in its processes', async () => {
    await using supervisor = await SupervisorProcess.serving({
      listen,
      command: nodeService(),
      overlapMs: 0,
    });
    const afterUpgrade = async (upgrade: number) => {
      expect(await supervisor.upgrade()).toEqual({ done: 'ok' });
      await supervisor.logged('it leaves', ({ message }) => message === `generation ${upgrade} has left`);
      const [pid = 0] = await supervisor.pidsOf(upgrade + 1);
      return () => ({
        supervisor: descriptorsOf(supervisor.pid).length,
        process: descriptorsOf(pid).length,
      });
    };
    const first = (await afterUpgrade(1))();
    let count = () => first;
    for (let upgrade = 2; upgrade <= 20; upgrade++) count = await afterUpgrade(upgrade);
    // A socket is closed a turn after the word that its process has left, and nothing tells of that.
    const more = () => {
      const now = count();
      return {
        supervisor: Math.max(0, now.supervisor - first.supervisor),
        process: Math.max(0, now.process - first.process),
      };
    };
    await expect.poll(more, { timeout: 10_000 }).toEqual({ supervisor: 0, process: 0 });
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
