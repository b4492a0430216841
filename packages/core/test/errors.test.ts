import { describe, expect, it } from 'vitest';
import { errorCodes, GracefulError, isGracefulError, shown } from '../src/errors.js';

describe('a GracefulError', () => {
  it('shows its code first, for many tools show nothing but the message', () => {
    const error = new GracefulError('ERR_GRACEFUL_PHASE', 'Expected this, got that.');
    expect(error.message).toBe('ERR_GRACEFUL_PHASE: Expected this, got that.');
    expect(error.code).toBe('ERR_GRACEFUL_PHASE');
    expect(error.name).toBe('GracefulError');
    expect(error).toBeInstanceOf(Error);
  });

  it('keeps the original as its cause', () => {
    const cause = new Error('EADDRINUSE');
    expect(new GracefulError('ERR_GRACEFUL_LISTEN', 'x', { cause }).cause).toBe(cause);
  });

  it('is recognised, from another copy of the package too', () => {
    const fromAnotherCopy = Object.assign(new Error('x'), {
      name: 'GracefulError',
      code: 'ERR_GRACEFUL_PHASE',
    });
    expect(isGracefulError(new GracefulError('ERR_GRACEFUL_PHASE', 'x'))).toBe(true);
    expect(isGracefulError(fromAnotherCopy)).toBe(true);
  });

  it.each([
    undefined,
    null,
    'GracefulError',
    new Error('x'),
    { name: 'GracefulError', code: 'ERR_GRACEFUL_PHASE' },
  ])('is not taken for %o', (other) => expect(isGracefulError(other)).toBe(false));

  it('has one of the codes of the table, which all look alike', () => {
    for (const code of Object.keys(errorCodes)) expect(code).toMatch(/^ERR_GRACEFUL_[A-Z]+(_[A-Z]+)*$/);
  });
});

describe('a wrong value is shown', () => {
  it.each([
    ['text in quotes, so that "5" is not taken for 5', '5', '"5"'],
    ['a number as it is', Number.NaN, 'NaN'],
    ['undefined as it is', undefined, 'undefined'],
    ['null as it is', null, 'null'],
    ['a function by its name', function stop() {}, 'function stop'],
    ['a function without a name as such', (() => () => {})(), 'function (anonymous)'],
    ['an array by its length, not its contents', ['secret', 'secret'], 'an array of 2'],
    ['an object by its class, not its contents', new Map([['password', 'secret']]), 'an object (Map)'],
    ['an object without a prototype as such', Object.create(null), 'an object (no prototype)'],
    ['a symbol as it is', Symbol('s'), 'Symbol(s)'],
  ])('%s', (_, value, expected) => expect(shown(value)).toBe(expected));
});
