import { describe, expect, it } from 'vitest';
import { addExpected } from '../src/options/expected-instance.js';

describe('who is expected in a pod', () => {
  it.each([
    ['orders', [{ name: 'orders' }]],
    ['orders:3000', [{ name: 'orders', ports: [3_000] }]],
    [
      'orders:3000+3001,after=nginx+mesh,container=app',
      [{ name: 'orders', ports: [3_000, 3_001], after: ['nginx', 'mesh'], container: 'app' }],
    ],
    [
      'nginx:80  orders,after=nginx',
      [
        { name: 'nginx', ports: [80] },
        { name: 'orders', after: ['nginx'] },
      ],
    ],
  ])('%s', (text, instances) => expect(addExpected(text)).toEqual(instances));

  it('may be said several times, of each once', () => {
    const before = addExpected('nginx');
    expect(addExpected('orders', before)).toEqual([{ name: 'nginx' }, { name: 'orders' }]);
    expect(() => addExpected('nginx:80', before)).toThrow('Expected each name once, got "nginx".');
    expect(() => addExpected('a a')).toThrow('Expected each name once, got "a".');
  });

  it.each([
    '',
    ' ',
    ':3000',
    'orders:',
    'orders:http',
    'orders:3000+',
    'orders:0',
    'orders:65536',
    'orders,after=',
    'orders,before=nginx',
    'orders,after=a,after=b',
    'orders,3000',
    'name=orders',
  ])('not %j', (text) => {
    expect(() => addExpected(text)).toThrow(
      'Expected name[:port[+port]][,after=name[+name]][,container=name]',
    );
  });
});
