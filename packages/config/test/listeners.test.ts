import { describe, expect, it } from 'vitest';
import { Listeners } from '../src/listeners.js';
import type { ConfigChange, ListenerFailure } from '../src/watched-config.js';

const change = (revision: number): ConfigChange<number> => ({
  value: revision,
  previous: revision - 1,
  revision,
  hash: '',
  cause: 'change',
});

function made() {
  const failures: ListenerFailure[] = [];
  const listeners = new Listeners<number>((failure) => void failures.push(failure));
  return { listeners, failures };
}

/** All that was told has been heard, as far as nobody waits for something else. */
const heard = () => new Promise((resolve) => setImmediate(resolve));

describe('a listener', () => {
  it('is told of each change in order, once; an asynchronous one of the next when it is done with the one before', async () => {
    const { listeners } = made();
    const seen: string[] = [];
    const done: (() => void)[] = [];
    listeners.add('change', async ({ revision }) => {
      seen.push(`begin ${revision}`);
      await new Promise<void>((resolve) => done.push(resolve));
      seen.push(`end ${revision}`);
    });
    for (const revision of [1, 2, 3]) listeners.tell('change', change(revision));
    for (const at of [0, 1, 2]) {
      await heard();
      expect(seen).toHaveLength(2 * at + 1);
      done[at]?.();
    }
    await heard();
    expect(seen).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
  });

  it('that is slow holds nobody else up', async () => {
    const { listeners } = made();
    const seen: number[] = [];
    listeners.add('change', () => new Promise(() => {}));
    listeners.add('change', ({ revision }) => void seen.push(revision));
    for (const revision of [1, 2, 3]) listeners.tell('change', change(revision));
    await heard();
    expect(seen).toEqual([1, 2, 3]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('that %s is reported, is told of the next all the same, and disturbs nobody', async (_, fails) => {
    const { listeners, failures } = made();
    const seen: number[] = [];
    const told: ListenerFailure[] = [];
    listeners.add('change', fails);
    listeners.add('change', ({ revision }) => void seen.push(revision));
    listeners.add('error', (failure) => void told.push(failure));
    listeners.tell('change', change(1));
    listeners.tell('change', change(2));
    await heard();
    expect(seen).toEqual([1, 2]);
    const failure = { error: expect.objectContaining({ message: 'no' }), from: 'a listener of "change"' };
    expect(failures).toEqual([failure, failure]);
    expect(told).toEqual(failures);
  });

  it('of errors that fails is reported, and not told of itself', async () => {
    const { listeners, failures } = made();
    listeners.add('change', () => {
      throw new Error('first');
    });
    listeners.add('error', () => {
      throw new Error('second');
    });
    listeners.tell('change', change(1));
    await heard();
    expect(failures.map(({ from }) => from)).toEqual(['a listener of "change"', 'a listener of "error"']);
  });

  it('hears of nothing any more once it is taken out, of what was told before and waits for it either', async () => {
    const { listeners } = made();
    const seen: number[] = [];
    const listening = listeners.add('change', ({ revision }) => void seen.push(revision));
    listeners.tell('change', change(1));
    await heard();
    listeners.tell('change', change(2));
    listening[Symbol.dispose]();
    listening[Symbol.dispose]();
    listeners.tell('change', change(3));
    await heard();
    expect(seen).toEqual([1]);
  });

  it('may take itself out, add another, and be there twice', async () => {
    const { listeners } = made();
    const seen: string[] = [];
    const twice = ({ revision }: ConfigChange<number>) => void seen.push(`twice ${revision}`);
    listeners.add('change', twice);
    listeners.add('change', twice);
    const once = listeners.add('change', ({ revision }) => {
      once[Symbol.dispose]();
      listeners.add('change', (next) => void seen.push(`added ${next.revision}`));
      seen.push(`once ${revision}`);
    });
    listeners.tell('change', change(1));
    await heard();
    listeners.tell('change', change(2));
    await heard();
    expect(seen).toEqual(['twice 1', 'twice 1', 'once 1', 'twice 2', 'twice 2', 'added 2']);
  });

  it('hears of nothing once all are disposed', async () => {
    const { listeners } = made();
    const seen: number[] = [];
    listeners.add('change', ({ revision }) => void seen.push(revision));
    listeners.tell('change', change(1));
    listeners[Symbol.dispose]();
    listeners.tell('change', change(2));
    await heard();
    expect(seen).toEqual([]);
  });
});
