import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Connection } from '@graceful/conformance/client';
import { withFamily } from '../src/handover/family.js';

const withPidFile = (folder: string) => ({ options: { pidFile: `${folder}/pid`, overlapMs: 300 } });

describe.concurrent('the pid file', () => {
  it('names a process that serves, whenever it is read', () =>
    withFamily(withPidFile, async (family) => {
      const seen = new Set<number | undefined>();
      const look = setInterval(() => seen.add(family.pidFile()), 1);
      family.signal('SIGUSR2');
      await family.outcome(2);
      await family.exited;
      clearInterval(look);
      const { pid } = await family.until('ready', { generation: 2 });
      expect([...seen].filter((each) => each !== family.pid)).toEqual([pid]);
      expect(readdirSync(family.folder)).toEqual(['pid']);
    }));

  it('is put back when the new one dies after it was written', () =>
    withFamily(withPidFile, async (family) => {
      // Somebody who takes the number away in the middle of an upgrade.
      family.signal('SIGUSR2');
      const { pid } = await family.until('ready', { generation: 2 });
      writeFileSync(family.path('pid'), `${pid}\n`);
      family.signal('SIGKILL', pid);
      expect(await family.outcome(2)).toMatchObject({ stage: 'failed', code: 'exit' });
      expect(family.pidFile()).toBe(family.pid);
    }));

  it('that cannot be written keeps the old one: nobody would find the new one', () =>
    withFamily(withPidFile, async (family) => {
      // Root may write into any folder, but into none that is not there.
      renameSync(family.path('pid'), family.path('pid.away'));
      mkdirSync(family.path('pid'));
      expect(await family.tell({ do: 'upgrade' })).toMatchObject({
        result: 'failed',
        stage: 'healthcheck',
        code: 'pid-file',
        message: expect.stringContaining('the pid file cannot be written: '),
      });
      expect((await family.ask()).pid).toBe(family.pid);
      expect(readdirSync(family.folder).toSorted()).toEqual(['pid', 'pid.away']);
      rmSync(family.path('pid'), { recursive: true });
      renameSync(family.path('pid.away'), family.path('pid'));
      expect(await family.tell({ do: 'upgrade' })).toMatchObject({ result: 'success' });
      expect(await family.exited).toMatchObject({ code: 0 });
    }));

  it('is removed at the end only by the one that it names', () =>
    withFamily(withPidFile, async (family) => {
      writeFileSync(family.path('pid'), '1\n');
      family.signal('SIGTERM');
      expect(await family.exited).toMatchObject({ code: 0 });
      expect(family.pidFile()).toBe(1);
      rmSync(family.path('pid'));
    }));

  it('is no longer that of a process which has taken over and died: the old one, still draining, says so by its exit', () =>
    withFamily(withPidFile, async (family) => {
      const connection = await Connection.open(family.address());
      family.signal('SIGUSR2');
      await family.until('stage', { stage: 'healthcheck' });
      const slow = connection.ask({ path: '/slow?ms=2500' });
      await family.outcome(2);
      const { pid } = await family.until('ready', { generation: 2 });
      expect(family.pidFile()).toBe(pid);
      family.signal('SIGKILL', pid);
      expect(JSON.parse((await slow).body)).toMatchObject({ pid: family.pid });
      connection.destroy();
      expect(await family.exited).toEqual({ code: 1, signal: null });
      expect(family.all('report')).toMatchObject([{ verdict: 'failed' }]);
      expect(family.all('log').find(({ level }) => level === 'error')?.message).toMatch(
        /^generation 2, which had taken over, exited by SIGKILL: nobody serves$/,
      );
      expect(family.pidFile()).toBeUndefined();
    }));

  it('that an earlier process left behind is replaced when the service is ready', () =>
    withFamily(
      (folder) => {
        writeFileSync(`${folder}/pid`, '999999\n');
        return withPidFile(folder);
      },
      async (family) => {
        expect(family.pidFile()).toBe(family.pid);
      },
    ));
});
