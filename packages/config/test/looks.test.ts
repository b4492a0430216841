import { describe, expect, it } from 'vitest';
import { Looks } from '../src/looks.js';
import type { LookCause, LookOutcome } from '../src/watched-config.js';

/** Looks that end when they are told to. */
function made() {
  const causes: LookCause[] = [];
  const ends: ((revision: number) => void)[] = [];
  const looks = new Looks((cause) => {
    causes.push(cause);
    return new Promise<LookOutcome>((resolve) => {
      ends.push((revision) => resolve({ result: 'applied', revision }));
    });
  });
  return { looks, causes, ends };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('looks', () => {
  it('come one after the other', async () => {
    const { looks, causes, ends } = made();
    const first = looks.ask('start');
    await turn();
    const second = looks.ask('change');
    await turn();
    expect(causes).toEqual(['start']);
    ends[0]?.(1);
    expect(await first).toEqual({ result: 'applied', revision: 1 });
    await turn();
    expect(causes).toEqual(['start', 'change']);
    ends[1]?.(2);
    expect(await second).toEqual({ result: 'applied', revision: 2 });
  });

  it('asked for while one waits its turn are that one', async () => {
    const { looks, causes, ends } = made();
    const first = looks.ask('start');
    await turn();
    const waiting = [looks.ask('change'), looks.ask('change'), looks.ask('reload'), looks.ask('change')];
    ends[0]?.(1);
    await first;
    await turn();
    expect(causes).toEqual(['start', 'reload']);
    ends[1]?.(2);
    for (const outcome of await Promise.all(waiting)) expect(outcome).toMatchObject({ revision: 2 });
  });

  it('are new for whoever asks once the one before has begun: it may have read already', async () => {
    const { looks, causes, ends } = made();
    const first = looks.ask('change');
    await turn();
    const second = looks.ask('change');
    ends[0]?.(1);
    await first;
    await turn();
    ends[1]?.(2);
    await second;
    expect(causes).toEqual(['change', 'change']);
  });

  it('go on after one that failed', async () => {
    let looked = 0;
    const looks = new Looks(async (): Promise<LookOutcome> => {
      if (++looked === 1) throw new Error('no');
      return { result: 'applied', revision: looked };
    });
    await expect(looks.ask('start')).rejects.toThrow('no');
    expect(await looks.ask('change')).toMatchObject({ revision: 2 });
  });
});
