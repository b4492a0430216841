import { describe, expect, it } from 'vitest';
import { deafName, deafTo } from '../src/watch/deaf.js';

describe('a file system on which events cannot be relied on', () => {
  it.each([
    [0x6969, 'NFS'],
    [0x65735546, 'FUSE'],
    [0xff534d42, 'CIFS'],
    [0xff534d42 | 0, 'CIFS'], // as a signed number
    [0x01021997, '9P'],
  ])('0x%s is %s', (type, name) => expect(deafName(type)).toBe(name));

  it.each([
    ['ext4', 0xef53],
    ['tmpfs', 0x01021994],
    ['overlayfs', 0x794c7630],
    ['xfs', 0x58465342],
  ])('%s is none', (_, type) => expect(deafName(type)).toBeUndefined());

  it('is not where nothing is', async () => {
    expect(await deafTo('/nowhere/at/all')).toBeUndefined();
  });
});
