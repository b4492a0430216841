import { readFileSync, rmdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { program, testNode, withFamily } from '../src/handover/family.js';
import { asSeenBy, canMount, fillUp, withSmallDisk } from '../src/harness/small-disk.js';

if (!canMount()) console.warn('NOT RUN: a pid file on a full disk. `unshare --mount` is not permitted here.');

describe.runIf(canMount())('a pid file on a disk that is full (ENOSPC)', () => {
  it('keeps the old one, whose number it still holds; with room again the next upgrade takes over', () =>
    withFamily(
      (folder) => ({ options: { pidFile: `${folder}/disk/pid` } }),
      async (family) => {
        const disk = asSeenBy(family.pid, family.path('disk'));
        const named = () => Number(readFileSync(`${disk}/pid`, 'utf8'));
        expect(named()).toBe(family.pid);
        {
          using _full = fillUp(`${disk}/ballast`);
          expect(await family.tell({ do: 'upgrade' })).toMatchObject({
            result: 'failed',
            code: 'pid-file',
            message: expect.stringContaining('ENOSPC') as string,
          });
          expect(named()).toBe(family.pid);
          expect((await family.ask()).pid).toBe(family.pid);
        }
        expect(await family.tell({ do: 'upgrade' })).toMatchObject({ result: 'success', generation: 3 });
        const { pid } = await family.until('ready', { generation: 3 });
        expect(Number(readFileSync(`${asSeenBy(pid, family.path('disk'))}/pid`, 'utf8'))).toBe(pid);
        expect(await family.exited).toMatchObject({ code: 0 });
        family.signal('SIGTERM', pid);
        await family.diedOut();
        // Under the mount, which has gone with the last of them.
        rmdirSync(family.path('disk'));
      },
      (folder) => ({ command: withSmallDisk(`${folder}/disk`, [testNode, program]) }),
    ));
});
