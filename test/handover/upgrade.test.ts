import { describe, expect, it } from 'vitest';
import { withFamily } from '../src/handover/family.js';
import { inOrder } from '../src/handover/judge.js';

describe.concurrent('a service that replaces itself', () => {
  it('is replaced by a new process at SIGUSR2, which gets its sockets, its generation and its pid file; the old one ends with 0', () =>
    withFamily(
      (folder) => ({ options: { pidFile: `${folder}/pid` } }),
      async (family) => {
        const { port } = family.address();
        expect(await family.ask()).toMatchObject({ pid: family.pid, generation: 1 });
        expect(family.pidFile()).toBe(family.pid);
        family.signal('SIGUSR2');
        await family.outcome(2);
        const { pid } = await family.until('ready', { generation: 2 });
        expect(family.pidFile()).toBe(pid);
        expect(await family.exited).toEqual({ code: 0, signal: null });
        expect(family.address().port).toBe(port);
        expect(await family.ask()).toMatchObject({ pid, generation: 2 });
        expect(family.pidFile()).toBe(pid);
        expect(family.all('report')).toMatchObject([{ generation: 1, verdict: 'clean' }]);
      },
    ));

  it('knows whether it was started by a generation before it', () =>
    withFamily({}, async (family) => {
      expect(await family.until('ready', { generation: 1 })).toMatchObject({ parent: 'none' });
      family.signal('SIGUSR2');
      expect(await family.until('ready', { generation: 2 })).toMatchObject({ parent: 'process' });
      expect(await family.exited).toMatchObject({ code: 0 });
    }));

  it('goes through its stages in order, and the old one stops accepting only after the new one serves', () =>
    withFamily({}, async (family) => {
      family.signal('SIGUSR2');
      await family.exited;
      expect(family.all('stage').map(({ stage }) => stage)).toEqual([
        'precheck',
        'start',
        'handover',
        'healthcheck',
        'success',
      ]);
      inOrder(family, [
        ['stage', { stage: 'start' }],
        ['begun', { generation: 2 }],
        ['stage', { stage: 'handover' }],
        ['state', { generation: 2, state: 'ready' }],
        ['stage', { stage: 'healthcheck' }],
        ['stage', { stage: 'success' }],
        ['state', { generation: 1, state: 'draining' }],
        ['exit', { generation: 1 }],
      ]);
    }));

  it('can be replaced again and again: six generations have as many descriptors as the second', () =>
    withFamily({ options: { overlapMs: 0 } }, async (family) => {
      let { pid } = family;
      const counts: string[][] = [];
      for (let generation = 2; generation <= 7; generation++) {
        family.signal('SIGUSR2', pid);
        await family.outcome(generation);
        const before = pid;
        ({ pid } = await family.until('ready', { generation }));
        await family.gone(before);
        counts.push(await family.tell<string[]>({ do: 'descriptors' }, pid));
      }
      expect(counts.at(-1)?.length, `${counts.at(-1)?.join('\n')}`).toBe(counts[0]?.length);
    }));

  it('has as many descriptors after five upgrades that failed as before', () =>
    withFamily(
      {
        generations: {
          2: { before: 'exits with 3' },
          3: { before: 'says garbage' },
          4: { before: 'exits with 0' },
          5: { starting: 'is killed when it is ready' },
          6: { starting: 'exits when it listens' },
        },
      },
      async (family) => {
        const before = await family.tell<string[]>({ do: 'descriptors' });
        for (let upgrade = 0; upgrade < 5; upgrade++) {
          expect(await family.tell({ do: 'upgrade' })).toMatchObject({ result: 'failed' });
        }
        expect(await family.tell<string[]>({ do: 'descriptors' })).toHaveLength(before.length);
      },
    ));
});
