import { chownSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { controlPlaces } from '../../src/control.js';
import { testFolder } from './support/folder.js';

const uid = process.geteuid?.() ?? 0;
const usual = uid === 0 ? '/run/graceful' : join(tmpdir(), `graceful-${uid}`);

describe('the place of a control socket', () => {
  it('is below XDG_RUNTIME_DIR, where that is a folder of ours', () => {
    const folder = testFolder();
    expect(controlPlaces('orders', { XDG_RUNTIME_DIR: folder })).toEqual([
      join(folder, 'graceful', 'orders.sock'),
      join(usual, 'orders.sock'),
    ]);
  });

  it.each([
    ['is not set', {}],
    ['is empty', { XDG_RUNTIME_DIR: '' }],
    ['is no absolute path, as its specification demands', { XDG_RUNTIME_DIR: 'run' }],
    ['names nothing', { XDG_RUNTIME_DIR: '/run/user/not-here' }],
  ])('is the usual one where XDG_RUNTIME_DIR %s', (_, environment) => {
    expect(controlPlaces('orders', environment)).toEqual([join(usual, 'orders.sock')]);
  });

  it.runIf(uid === 0)('is the usual one where XDG_RUNTIME_DIR is that of who we were before `su`', () => {
    const folder = testFolder();
    chownSync(folder, 65_534, 65_534);
    expect(controlPlaces('orders', { XDG_RUNTIME_DIR: folder })).toEqual([join(usual, 'orders.sock')]);
  });

  it('has the name "service" where none is given', () => {
    expect(controlPlaces(undefined, {})).toEqual([join(usual, 'service.sock')]);
  });

  it.each(['', '.', '..', '../orders', 'a/b', '-x', 'a b', 'ü', 'x'.repeat(65), 'a\n'])(
    'is not given to a name such as %j',
    (name) => {
      expect(() => controlPlaces(name, {})).toThrow(
        expect.objectContaining({
          code: 'ERR_HANDOVER_OPTION',
          message: expect.stringContaining(JSON.stringify(name)),
        }),
      );
    },
  );
});
