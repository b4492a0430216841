import { describe, expect, it } from 'vitest';
import { findInherited, type Wanted } from '../src/listen/find-inherited.js';
import type { InheritedSocket } from '../src/listen/inherited.js';

const tcp = (name: string, host: string | undefined, port: number, more = {}): InheritedSocket => ({
  name,
  fd: 3,
  kind: 'tcp',
  ...(host !== undefined && { host }),
  port,
  ...more,
});
const unix = (name: string, path: string): InheritedSocket => ({ name, fd: 4, kind: 'unix', path });
const nameless: InheritedSocket = { name: 'web', fd: 5, kind: 'unknown' };

/** Of a server that has no name of its own. */
const http = { name: 'http', named: false };

describe('findInherited', () => {
  it.each<[string, InheritedSocket[], Wanted, number | undefined]>([
    ['the port', [tcp('a', '::', 1), tcp('b', '::', 2)], { ...http, port: 2 }, 1],
    ['nothing at another port', [tcp('http', '::', 1)], { ...http, port: 2 }, undefined],
    ['nothing by a name that nobody chose', [tcp('http', '::', 1)], { ...http, path: '/a' }, undefined],
    [
      'the name before the address',
      [tcp('a', '::', 1), tcp('b', '::', 2)],
      { name: 'b', named: true, port: 1 },
      1,
    ],
    ['the address where the name is not there', [tcp('a', '::', 1)], { name: 'b', named: true, port: 1 }, 0],
    [
      'one that nobody knows the address of, by its name',
      [nameless],
      { name: 'web', named: true, port: 1 },
      0,
    ],
    ['none of those by an address', [nameless], { ...http, port: 1 }, undefined],
    [
      'the host',
      [tcp('a', '10.0.0.1', 1), tcp('b', '127.0.0.1', 1)],
      { ...http, host: '127.0.0.1', port: 1 },
      1,
    ],
    [
      'nothing for all where one is asked for',
      [tcp('a', '::', 1)],
      { ...http, host: '127.0.0.1', port: 1 },
      undefined,
    ],
    [
      'the one for all before a single one',
      [tcp('a', '10.0.0.1', 1), tcp('b', '::', 1)],
      { ...http, port: 1 },
      1,
    ],
    ['a single one for all', [tcp('a', '10.0.0.1', 1)], { ...http, host: '0.0.0.0', port: 1 }, 0],
    ['localhost of either family', [tcp('a', '::1', 1)], { ...http, host: 'localhost', port: 1 }, 0],
    [
      'no other address for localhost',
      [tcp('a', '::', 1)],
      { ...http, host: 'localhost', port: 1 },
      undefined,
    ],
    [
      'the name that it got for any free port',
      [tcp('a', '::', 1), tcp('http', '::', 2)],
      { ...http, port: 0 },
      1,
    ],
    ['no Unix socket for a free port', [unix('http', '/a')], { ...http, port: 0 }, undefined],
    ['the path', [unix('a', '/run/a'), unix('b', '/run/b')], { ...http, path: '/run/b' }, 1],
    ['the same path, written otherwise', [unix('a', '/run/a')], { ...http, path: '/run/../run/a' }, 0],
    ['an abstract name as it is', [unix('a', '\0a/../b')], { ...http, path: '\0b' }, undefined],
  ])('finds %s', (_what, sockets, wanted, index) => {
    expect(findInherited(sockets, wanted)).toBe(index === undefined ? undefined : sockets[index]);
  });

  it('does not take the name for the address where both sides are the same service', () => {
    const before = tcp('api', '127.0.0.1', 1, { sameService: true });
    expect(findInherited([before], { name: 'api', named: true, port: 2 })).toBeUndefined();
    expect(findInherited([before], { name: 'api', named: true, port: 1 })).toBeUndefined();
    expect(findInherited([before], { name: 'api', named: true, port: 1, host: '127.0.0.1' })).toBe(before);
    expect(findInherited([before], { name: 'api', named: true, port: 0 })).toBe(before);
  });
});
