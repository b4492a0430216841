import { describe, expect, it } from 'vitest';
import { addListen, parseListen } from '../src/options/listen-address.js';

const parse = (text: string) => parseListen(text, '/srv/orders');

describe('an address to listen on', () => {
  it.each([
    ['3000', { name: '3000', port: 3000 }],
    ['http=3000', { name: 'http', port: 3000 }],
    ['http=0', { name: 'http', port: 0 }],
    ['http=65535', { name: 'http', port: 65_535 }],
    ['127.0.0.1:3000', { name: '3000', host: '127.0.0.1', port: 3000 }],
    ['http=127.0.0.1:3000', { name: 'http', host: '127.0.0.1', port: 3000 }],
    ['localhost:3000', { name: '3000', host: 'localhost', port: 3000 }],
    ['orders.example.com:80', { name: '80', host: 'orders.example.com', port: 80 }],
    ['[::1]:3000', { name: '3000', host: '::1', port: 3000 }],
    ['http=[::]:3000', { name: 'http', host: '::', port: 3000 }],
    ['[::ffff:127.0.0.1]:80', { name: '80', host: '::ffff:127.0.0.1', port: 80 }],
    ['[fe80::1%eth0]:80', { name: '80', host: 'fe80::1%eth0', port: 80 }],
    ['unix:/run/orders.sock', { name: 'orders', path: '/run/orders.sock' }],
    ['/run/orders.sock', { name: 'orders', path: '/run/orders.sock' }],
    ['/run/orders', { name: 'orders', path: '/run/orders' }],
    ['admin=/run/orders.sock', { name: 'admin', path: '/run/orders.sock' }],
    ['admin=unix:run/x.sock', { name: 'admin', path: '/srv/orders/run/x.sock' }],
    ['unix:x.sock', { name: 'x', path: '/srv/orders/x.sock' }],
    ['/run/a=b.sock', { name: 'a=b', path: '/run/a=b.sock' }],
    ['x=/run/a=b.sock', { name: 'x', path: '/run/a=b.sock' }],
    ['/run/../run/x.sock', { name: 'x', path: '/run/x.sock' }],
    ['a b=3000', { name: 'a b', port: 3000 }],
  ])('%s', (text, spec) => expect(parse(text)).toEqual(spec));

  it.each([
    '',
    '=',
    'http=',
    'http',
    'localhost',
    ':3000',
    '3000/tcp',
    '-1',
    '3e3',
    '0x50',
    '3000 ',
    'app.sock',
    './app.sock',
    'http://localhost:3000',
    'unix:',
    'unix:/',
    '/run/',
    '1.2.3:80',
    '1.2.3.400:80',
    '1.2.3.4.5:80',
    '[1.2.3.4]:80',
    '[]:80',
    '[::1]',
    '[::g]:80',
    'a..b:80',
    'a_b-.c:80',
    'x:y:80',
  ])('not %j', (text) => {
    expect(() => parse(text)).toThrow(
      `Expected [name=]3000, 127.0.0.1:3000, [::1]:3000, unix:/run/app.sock or /run/app.sock, got ${JSON.stringify(text)}.`,
    );
  });

  it.each([
    ['65536', 'Expected a port from 0 to 65535, got "65536".'],
    ['127.0.0.1:99999', 'Expected a port from 0 to 65535, got "99999".'],
    ['=3000', 'Expected a name of up to 255 printable ASCII characters, without a colon, got "".'],
    ['a:b=3000', 'Expected a name of up to 255 printable ASCII characters, without a colon, got "a:b".'],
    ['ö=3000', 'Expected a name of up to 255 printable ASCII characters, without a colon, got "ö".'],
    ['/run/ö.sock', 'Expected a name of up to 255 printable ASCII characters, without a colon, got "ö".'],
    ['unix:@orders', 'Expected a path in the file system for a Unix socket, got "@orders".'],
    [`/${'x'.repeat(107)}`, 'Expected a path of at most 107 bytes (unix(7)), got one of 108.'],
    ['::1:3000', /\(an IPv6 address in brackets\), got "::1:3000"/],
    ['http=::1:3000', /\(an IPv6 address in brackets\), got "http=::1:3000"/],
  ])('not %j, with a reason of its own', (text, message) => expect(() => parse(text)).toThrow(message));
});

describe('several addresses', () => {
  const add = (...texts: string[]) =>
    texts.reduce<ReturnType<typeof addListen>>((before, text) => addListen(text, before, '/'), []);

  it('stand in the order in which they were given', () => {
    expect(add('http=80', 'https=443', 'admin=/run/x').map(({ name }) => name)).toEqual([
      'http',
      'https',
      'admin',
    ]);
  });

  it('may share a port on different hosts, or all be free ones', () => {
    expect(add('a=127.0.0.1:80', 'b=[::1]:80', 'c=0', 'd=0')).toHaveLength(4);
  });

  it.each([
    [['http=80', 'http=81'], 'Expected a name of its own for each socket (name=address), got "http".'],
    [['127.0.0.1:80', '[::1]:80'], 'Expected a name of its own for each socket (name=address), got "80".'],
    [['a=80', 'b=80'], 'Expected an address of its own for each socket, got "b=80".'],
    [['a=/run/x', 'b=unix:/run/x'], 'Expected an address of its own for each socket, got "b=unix:/run/x".'],
  ])('%j do not go together', (texts, message) => expect(() => add(...texts)).toThrow(message));
});
