import { describe, expect, it } from 'vitest';
import { next, type UpgradeState } from '../src/upgrade/state.js';
import { StageFailure, type UpgradeNotice, Upgrades } from '../src/upgrade/upgrade.js';

const done = async () => {};

describe('the states of an upgrade', () => {
  const begun = next({ name: 'idle' }, { type: 'begin', generation: 2 }, 0);

  it('begin with the check, and go forward only', () => {
    expect(begun).toEqual({ name: 'precheck', generation: 2, since: 0 });
    const started = next(begun, { type: 'done', to: 'start' }, 5);
    expect(started).toEqual({ name: 'start', generation: 2, since: 5 });
    expect(next(started, { type: 'done', to: 'precheck' }, 6)).toBe(started);
    expect(next(started, { type: 'begin', generation: 3 }, 6)).toBe(started);
  });

  it('may fail in each stage, which is kept', () => {
    expect(next(begun, { type: 'fail', code: 'precheck', message: 'no file' }, 1)).toEqual({
      name: 'failed',
      generation: 2,
      failure: { stage: 'precheck', code: 'precheck', message: 'no file' },
    });
  });

  it('mean nothing after the end, until another begins', () => {
    const success: UpgradeState = { name: 'success', generation: 2 };
    expect(next(success, { type: 'fail', code: 'exit', message: '' }, 1)).toBe(success);
    expect(next(success, { type: 'begin', generation: 3 }, 1)).toMatchObject({ name: 'precheck' });
  });
});

describe('an upgrade', () => {
  it('does what there is to do, in order, and tells of each stage', async () => {
    const notices: UpgradeNotice[] = [];
    const upgrades = new Upgrades(1, (notice) => notices.push(notice));
    const order: string[] = [];
    const step = (name: string) => async () => void order.push(name);
    const generation = upgrades.nextGeneration();
    const outcome = await upgrades.run(
      generation,
      {
        healthcheck: step('healthcheck'),
        start: step('start'),
        handover: step('handover'),
        precheck: step('precheck'),
      },
      done,
    );
    expect(outcome).toMatchObject({ result: 'success', generation: 2 });
    expect(order).toEqual(['precheck', 'start', 'handover', 'healthcheck']);
    expect(notices.map(({ stage }) => stage)).toEqual([
      'precheck',
      'start',
      'handover',
      'healthcheck',
      'success',
    ]);
    expect(notices.at(-1)?.over).toMatchObject({ stage: 'healthcheck', result: 'ok' });
  });

  it('undoes what was begun when a stage fails, and begins none after it', async () => {
    const upgrades = new Upgrades(1, () => {});
    const order: string[] = [];
    const outcome = await upgrades.run(
      upgrades.nextGeneration(),
      {
        start: () => Promise.reject(new StageFailure('timeout', 'too slow')),
        handover: async () => void order.push('handover'),
      },
      async (failure) => void order.push(`undo ${failure.stage}`),
    );
    expect(outcome).toMatchObject({ result: 'failed', stage: 'start', code: 'timeout', message: 'too slow' });
    expect(order).toEqual(['undo start']);
    expect(upgrades.inProgress).toBe(false);
  });

  it('frees the lock when a step throws at once, and tells of what could not be undone', async () => {
    const upgrades = new Upgrades(1, () => {});
    const outcome = await upgrades.run(
      upgrades.nextGeneration(),
      {
        start: () => {
          throw new Error('EBADF');
        },
      },
      () => Promise.reject(new Error('no space')),
    );
    expect(outcome).toMatchObject({
      result: 'failed',
      code: 'internal',
      message: 'EBADF; and what had been begun could not be undone: no space',
    });
    expect(upgrades.inProgress).toBe(false);
  });

  it('gives no number twice', async () => {
    const upgrades = new Upgrades(4, () => {});
    const failing = { start: () => Promise.reject(new Error('no')) };
    await upgrades.run(upgrades.nextGeneration(), failing, done);
    expect(upgrades.nextGeneration()).toBe(6);
  });

  it('is in progress from the moment it is begun', () => {
    const upgrades = new Upgrades(1, () => {});
    void upgrades.run(2, { start: () => new Promise(() => {}) }, done);
    expect(upgrades.inProgress).toBe(true);
  });
});
