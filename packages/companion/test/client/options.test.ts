import { createGraceful } from '@graceful/core';
import { describe, expect, it } from 'vitest';
import { connectCompanion } from '../../src/client/connect-companion.js';
import { type CompanionClientOptions, resolveClient } from '../../src/client/options.js';

const kit = { budgets: { delayMs: 1, requestsMs: 2, hooksMs: 3 }, logger: false } as const;

describe('the options of a client', () => {
  it('are filled in from the service and the environment', () => {
    expect(resolveClient({ name: 'orders' }, kit, { GRACEFUL_COMPANION: '/tmp/c.sock' })).toEqual({
      name: 'orders',
      container: 'orders',
      socket: '/tmp/c.sock',
      ports: undefined,
      after: [],
      budgets: { delayMs: 1, requestsMs: 2, hooksMs: 3 },
      connectMs: 5_000,
      logger: false,
    });
    expect(resolveClient({ name: 'a', after: 'nginx', budgets: { delayMs: 9 } }, kit, {})).toMatchObject({
      socket: '/run/graceful/control.sock',
      after: ['nginx'],
      budgets: { delayMs: 9, requestsMs: 2, hooksMs: 3 },
    });
  });

  it.each<[object, string]>([
    [{}, '`name` to be 1 to 63 letters, digits'],
    [
      { name: 'no spaces' },
      '`name` to be 1 to 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends, got "no spaces"',
    ],
    [{ name: 'x'.repeat(64) }, '`name` to be 1 to 63'],
    [{ name: 'a', container: '' }, '`container` to be'],
    [{ name: 'a', socket: '' }, '`socket` to be the path of a Unix socket, got ""'],
    [{ name: 'a', socket: 3 }, '`socket` to be the path of a Unix socket, got 3'],
    [
      { name: 'a', socket: `/${'x'.repeat(107)}` },
      '`socket` to be a path of at most 107 bytes, as unix(7) has room for',
    ],
    [{ name: 'a', ports: [0] }, '`ports` to be an array of at most 16 ports from 1 to 65535'],
    [{ name: 'a', ports: 3000 }, '`ports` to be an array'],
    [{ name: 'a', after: 7 }, '`after` to be a name or an array of names, got 7'],
    [{ name: 'a', after: ['b c'] }, '`after` to be 1 to 63'],
    [{ name: 'a', budgets: { delayMs: '5s' } }, '`budgets.delayMs` to be a number of milliseconds'],
    [
      { name: 'a', budgets: { delay: 5 } },
      '`budgets` to have no other keys than delayMs, requestsMs, hooksMs, got "delay"',
    ],
    [{ name: 'a', connectMs: -1 }, '`connectMs` to be a number of milliseconds'],
    [{ name: 'a', logger: {} }, '`logger` to have the methods info, warn and error'],
    [{ name: 'a', sock: '/x' }, 'the options of the companion to have no other keys'],
  ])('%j is refused at once', (options, expected) => {
    const graceful = createGraceful({ logger: false, signals: [], exit: false });
    const connect = () => connectCompanion(graceful, options as CompanionClientOptions);
    expect(connect).toThrow(expected);
    expect(connect).toThrow(expect.objectContaining({ code: 'ERR_COMPANION_OPTION' }));
    graceful.uninstall();
  });

  it('name the variable that is wrong', () => {
    expect(() => resolveClient({ name: 'a' }, kit, { GRACEFUL_COMPANION: '/a\0b' })).toThrow(
      'Expected GRACEFUL_COMPANION to be the path of a Unix socket',
    );
  });
});
