import { describe, expect, it } from 'vitest';
import type { UpgradeOutcome } from '@graceful/handover';
import type { StateBehaviour } from '../src/handover/config.js';
import { withFamily } from '../src/handover/family.js';

const failing: readonly [string, StateBehaviour, object, RegExp][] = [
  [
    'save() throws',
    { save: 'throws' },
    { stage: 'start', code: 'state' },
    /could not be saved: the store is locked/,
  ],
  ['save() hangs', { save: 'hangs' }, { stage: 'start', code: 'state' }, /save\(\) was not done in 2000 ms/],
  [
    'it is no JSON value',
    { save: 'is no JSON' },
    { stage: 'start', code: 'state' },
    /is no JSON value: .*BigInt/,
  ],
  [
    'it is too large',
    { save: 'is too large' },
    { stage: 'start', code: 'state' },
    /has 9\d{6} bytes, more than 8388608; write it to a file/,
  ],
  [
    'restore() throws',
    { restore: 'throws' },
    { stage: 'start', code: 'state' },
    /could not take the state .*: a state of another version/,
  ],
  ['restore() hangs', { restore: 'hangs' }, { stage: 'start', code: 'timeout' }, /its time is up/],
  [
    'undo() throws, too',
    { save: 'throws', undo: 'throws' },
    { stage: 'start', code: 'state' },
    /could not be undone: the store cannot be opened again/,
  ],
  [
    'undo() hangs',
    { save: 'throws', undo: 'hangs' },
    { stage: 'start', code: 'state' },
    /could not be undone: undo\(\) was not done in 2000 ms/,
  ],
];

describe.concurrent('state that is handed on', () => {
  it('is there before the next generation listens, again and again', () =>
    withFamily({ state: {} }, async (family) => {
      await family.ask();
      await family.ask();
      await family.tell({ do: 'upgrade' });
      const second = await family.until('restored', { generation: 2 });
      expect(second.state).toEqual({ requests: 2 });
      const ready = await family.until('ready', { generation: 2 });
      expect(second.at).toBeLessThan((await family.until('state', { generation: 2, state: 'ready' })).at);
      await family.exited;
      await family.ask();
      await family.tell({ do: 'upgrade' }, ready.pid);
      expect((await family.until('restored', { generation: 3 })).state).toEqual({ requests: 3 });
      await family.gone(ready.pid);
      expect(family.all('undone')).toEqual([]);
    }));

  it('may be some megabytes', () =>
    withFamily({ state: { save: 'is large' } }, async (family) => {
      expect(await family.tell({ do: 'upgrade' })).toMatchObject({ result: 'success' });
      expect((await family.until('restored')).state).toBe(7 * 1024 * 1024);
      expect(await family.exited).toMatchObject({ code: 0 });
    }));

  it.each(failing)('keeps the old one, and is undone, when %s', (_when, state, failure, message) =>
    withFamily(
      { state, ...(Object.values(state).includes('hangs') && { options: { readyMs: 2_000 } }) },
      async (family) => {
        const outcome = await family.tell<UpgradeOutcome>({ do: 'upgrade' });
        expect(outcome).toMatchObject({ result: 'failed', ...failure });
        expect('message' in outcome && outcome.message).toMatch(message);
        await family.until('undone');
        expect(family.all('undone')).toMatchObject([{ generation: 1 }]);
        expect((await family.ask()).pid).toBe(family.pid);
      },
    ),
  );

  it('is not undone when nothing had been given away', () =>
    withFamily({ state: {}, options: { command: ['/nowhere/node'] } }, async (family) => {
      expect(await family.tell({ do: 'upgrade' })).toMatchObject({ result: 'failed', stage: 'precheck' });
      expect(family.all('undone')).toEqual([]);
    }));

  it('is this one’s again when the next generation fails after it has taken it', () =>
    withFamily(
      {
        state: {},
        generations: { 2: { starting: 'is killed when it is ready' } },
        options: { overlapMs: 5_000 },
      },
      async (family) => {
        expect(await family.tell({ do: 'upgrade' })).toMatchObject({ result: 'failed', code: 'exit' });
        expect(family.all('restored')).toHaveLength(1);
        expect(family.all('undone')).toMatchObject([{ generation: 1 }]);
      },
    ));
});
