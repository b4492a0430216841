import { describe, expect, it } from 'vitest';
import { type CompanionOptions, resolveCompanion } from '../src/companion-options.js';

describe('the options of a companion', () => {
  it('have defaults that fit a pod', () => {
    expect(resolveCompanion({}, {})).toMatchObject({
      socket: '/run/graceful/control.sock',
      stateFile: '/run/graceful/state.json',
      kubelet: { host: '0.0.0.0', port: 9901 },
      metrics: false,
      expect: [],
      hold: { minMs: 5_000, quietMs: 2_000, maxMs: 15_000 },
      graceMs: 30_000,
      lingerMs: 0,
      podName: '',
      podUid: '',
      signals: ['SIGTERM', 'SIGINT'],
    });
  });

  it('take from the environment what only that knows', () => {
    const environment = {
      GRACEFUL_COMPANION: '/x/y.sock',
      POD_NAME: 'orders-1',
      POD_UID: 'u',
      HOSTNAME: 'h',
    };
    expect(resolveCompanion({}, environment)).toMatchObject({
      socket: '/x/y.sock',
      podName: 'orders-1',
      podUid: 'u',
    });
    expect(resolveCompanion({}, { HOSTNAME: 'h' })).toMatchObject({ podName: 'h' });
    expect(resolveCompanion({ socket: '/a.sock' }, environment).socket).toBe('/a.sock');
  });

  it.each<[CompanionOptions | Record<string, unknown>, string]>([
    [{ sokcet: '/a' }, 'Expected the options to have no other keys than socket, '],
    [
      { socket: 'a.sock' },
      'Expected `socket` to be an absolute path, such as /run/graceful/control.sock, got "a.sock".',
    ],
    [
      { kubelet: { port: 70_000 } },
      'Expected `kubelet.port` to be a whole number from 0 to 65535, got 70000.',
    ],
    [
      { graceMs: '30s' },
      'Expected `graceMs` to be a number of milliseconds from 0 to 2147483647, got "30s".',
    ],
    [{ graceMs: 0 }, 'Expected `graceMs` to be more than 0'],
    [
      { hold: { minMs: 20_000, maxMs: 10_000 } },
      'Expected `hold.minMs` to be at most `hold.maxMs` (10000), got 20000.',
    ],
    [{ expect: [{ name: 'a' }, { name: 'a' }] }, 'Expected each name in `expect` once, got "a".'],
    [
      { expect: [{ name: 'a', after: ['b'] }] },
      'Expected `after` of a in `expect` to name others of it (a), got "b".',
    ],
    [
      {
        expect: [
          { name: 'a', after: ['b'] },
          { name: 'b', after: ['a'] },
        ],
      },
      'Expected `after` in `expect` to make no circle, got "b after a after b".',
    ],
    [
      { expect: [{ name: 'a', ports: [0] }] },
      'Expected `ports` of a in `expect` to hold numbers from 1 to 65535, got 0.',
    ],
    [{ signals: ['SIGKILL'] }, 'Expected `signals` to hold names of signals that a process may handle'],
    [{ logger: {} }, 'Expected `logger` to be pino-compatible, with a method `info`, or false'],
    [{ exit: 1 }, 'Expected `exit` to be a function or false, got 1.'],
  ])('are refused: %j', (options, message) => {
    expect(() => resolveCompanion(options as CompanionOptions, {})).toThrow(
      `ERR_COMPANION_OPTION: ${message}`,
    );
  });
});
