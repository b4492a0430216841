import { describe, expect, it } from 'vitest';
import type { UpgradeOutcome } from '@graceful/handover';
import { Connection } from '@graceful/conformance/client';
import { withFamily } from '../src/handover/family.js';
import { isAlive } from '../src/handover/kin.js';

describe.concurrent('one upgrade at a time', () => {
  it('is refused before the service is ready', () =>
    withFamily(
      { generations: { 1: { starting: 'has a check that never passes' } } },
      async (family) => {
        const { pid } = await family.until('begun');
        await family.until('log', ({ message }) => message.includes('database'));
        expect(await family.tell({ do: 'upgrade' }, pid)).toMatchObject({
          result: 'refused',
          code: 'not-ready',
        });
        family.signal('SIGUSR2');
        await family.until('log', ({ message }) =>
          message.startsWith('upgrade refused: the service is not ready'),
        );
        family.signal('SIGTERM');
        expect(await family.exited).toMatchObject({ code: 0 });
      },
      { unattended: true },
    ));

  it('is refused with a reason while another is under way', () =>
    withFamily({ options: { overlapMs: 300 } }, async (family) => {
      const outcomes = await family.tell<UpgradeOutcome[]>({ do: 'upgrade often', times: 3 });
      expect(outcomes).toMatchObject([
        { result: 'success', generation: 2 },
        { result: 'refused', code: 'in-progress' },
        { result: 'refused', code: 'in-progress' },
      ]);
      expect(await family.exited).toMatchObject({ code: 0 });
      expect(family.all('begun').map(({ generation }) => generation)).toEqual([1, 2]);
    }));

  it('survives a storm of SIGUSR2, to whoever is there: one successor each, and never an end by the signal', () =>
    withFamily(
      (folder) => ({ options: { pidFile: `${folder}/pid` } }),
      async (family) => {
        const storm = setInterval(() => {
          const pid = family.pidFile();
          if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGUSR2');
          if (isAlive(family.pid)) process.kill(family.pid, 'SIGUSR2');
        }, 2);
        try {
          await family.outcome(4);
        } finally {
          clearInterval(storm);
        }
        expect(await family.exited).toEqual({ code: 0, signal: null });
        const { pid } = await family.until('ready', { generation: 4 });
        // Another may have been begun by the last signals.
        const latest = Math.max(...family.all('begun').map(({ generation }) => generation));
        if (latest > 4) await family.outcome(latest);
        expect(new Set(family.all('begun').map(({ generation }) => generation)).size).toBe(
          family.all('begun').length,
        );
        for (const { code } of family.all('exit')) expect(code).toBe(0);
        expect(isAlive(pid) || latest > 4).toBe(true);
      },
    ));

  it('is refused while the generation before drains, and possible once its deadline has ended it', () =>
    withFamily({ drain: { requestsMs: 1_500 } }, async (family) => {
      const slow = await Connection.open(family.address());
      const exchange = slow.send({ path: '/slow?ms=60000' });
      await family.tell({ do: 'upgrade' });
      const { pid } = await family.until('ready', { generation: 2 });
      expect(await family.tell({ do: 'upgrade' }, pid)).toMatchObject({
        result: 'refused',
        code: 'parent-draining',
        message: 'the generation before this one is still draining',
      });
      // It had a request that never ends: forced at its deadline.
      expect(await family.exited).toMatchObject({ code: 1 });
      expect(await exchange.settled()).toBe('lost');
      expect(await family.tell({ do: 'upgrade' }, pid)).toMatchObject({ result: 'success', generation: 3 });
      await family.gone(pid);
      slow.destroy();
    }));

  it('is unharmed by listeners that throw', () =>
    withFamily({}, async (family) => {
      await family.tell({ do: 'throw from each listener' });
      expect(await family.tell({ do: 'upgrade' })).toMatchObject({ result: 'success' });
      expect(await family.exited).toMatchObject({ code: 0 });
    }));

  it('is counted once, by whoever can still be asked', () =>
    withFamily({ metrics: true, generations: { 2: { before: 'exits with 3' } } }, async (family) => {
      await family.tell({ do: 'upgrade' });
      const failed = await family.tell<string>({ do: 'metrics' });
      expect(failed).toContain('graceful_upgrades_total{result="failed",code="exit"} 1');
      expect(failed).toContain('graceful_upgrade_stage{stage="failed"} 1');
      expect(failed).toContain('graceful_generation 1');
      expect(await family.tell({ do: 'upgrade' })).toMatchObject({ result: 'success' });
      await family.exited;
      const { pid } = await family.until('ready', { generation: 3 });
      const succeeded = await family.tell<string>({ do: 'metrics' }, pid);
      expect(succeeded).toContain('graceful_upgrades_total{result="success",code=""} 1');
      expect(succeeded).toContain('graceful_generation 3');
    }));
});

describe.concurrent('SIGTERM while a new generation', () => {
  it.each([
    ['has not said a word', { 2: { before: 'says nothing' } }, 'begun'],
    ['waits for a check', { 2: { starting: 'has a check that never passes' } }, 'log'],
    ['is ready, and has not taken over', {}, 'ready'],
  ] as const)('%s ends both: nothing stays behind', (_when, generations, until) =>
    withFamily(
      (folder) => ({
        generations,
        options: { overlapMs: 60_000, pidFile: `${folder}/pid` },
        listeners: [
          { name: 'http', port: 0 },
          { name: 'admin', path: `${folder}/admin.sock` },
        ],
      }),
      async (family) => {
        family.signal('SIGUSR2');
        await family.until(until, ({ generation }: { generation: number }) => generation === 2);
        if (until === 'ready') await family.until('stage', { stage: 'healthcheck' });
        family.signal('SIGTERM');
        expect(await family.outcome(2)).toMatchObject({ stage: 'failed', code: 'aborted' });
        expect(await family.exited).toEqual({ code: 0, signal: null });
        expect(family.kin).toEqual([]);
      },
    ),
  );

  it('is tried out ends that, too', () =>
    withFamily(
      { options: { checkMs: 60_000 } },
      async (family) => {
        family.signal('SIGUSR2');
        await family.until('stage', { stage: 'precheck' });
        family.signal('SIGTERM');
        expect(await family.outcome(2)).toMatchObject({ stage: 'failed', code: 'aborted' });
        expect(await family.exited).toMatchObject({ code: 0 });
      },
      {
        environment: {
          NODE_OPTIONS: `--import=data:text/javascript,process.env.GRACEFUL_CHECK%26%26setInterval(()=>{},1e6)`,
        },
      },
    ));

  it('has taken over, and the old one still drains, ends the new one; the old one finishes what it has', () =>
    withFamily(
      (folder) => ({ options: { pidFile: `${folder}/pid` } }),
      async (family) => {
        const slow = await Connection.open(family.address());
        const exchange = slow.send({ path: '/slow?ms=1500' });
        await family.tell({ do: 'upgrade' });
        const { pid } = await family.until('ready', { generation: 2 });
        family.signal('SIGTERM', pid);
        await family.gone(pid);
        expect(await exchange.settled()).toBe('answered');
        expect(await family.exited).toMatchObject({ code: 0 });
        slow.destroy();
      },
    ));
});
