import { describe, expect, it } from 'vitest';
import { freeze } from '../src/freeze.js';

describe('a value that is frozen', () => {
  it('cannot be changed anywhere, as far as it is plain data', () => {
    const value = freeze({ a: { b: [1, { c: 2 }] }, none: Object.assign(Object.create(null), { d: {} }) });
    expect(() => void (value.a.b[0] = 2)).toThrow(TypeError);
    expect(Object.isFrozen(value.a.b[1])).toBe(true);
    expect(Object.isFrozen(value.none)).toBe(true);
    expect(Object.isFrozen(value.none.d)).toBe(true);
  });

  it('may go in circles, and may be frozen in part already', () => {
    const inner: { self?: unknown; rest: object } = { rest: {} };
    inner.self = inner;
    const value = freeze(Object.freeze({ inner }));
    expect(Object.isFrozen(value.inner.rest)).toBe(true);
  });

  it('leaves alone what has a class: a typed array cannot be frozen, a Map would not care', () => {
    const value = {
      bytes: new Uint8Array(4),
      map: new Map(),
      url: new URL('http://localhost'),
      at: new Date(0),
    };
    freeze(value);
    value.bytes[0] = 1;
    value.map.set('a', 1);
    value.url.pathname = '/x';
    expect(value).toMatchObject({ bytes: Uint8Array.of(1, 0, 0, 0), map: new Map([['a', 1]]) });
  });

  it('has no getter called', () => {
    const value = Object.defineProperty({}, 'lazy', {
      enumerable: true,
      configurable: true,
      get: () => {
        throw new Error('called');
      },
    });
    expect(Object.isFrozen(freeze(value))).toBe(true);
  });

  it.each([1, 'text', null, undefined, true])('may be %o', (value) => expect(freeze(value)).toBe(value));
});
