import { describe, expect, it } from 'vitest';
import { parseTarget } from '../../src/wait/target.js';

const folder = '/srv/app';

describe('a target', () => {
  it.each([
    ['tcp://db:5432', { kind: 'tcp', host: 'db', port: 5_432 }],
    ['tcp://db:5432/', { kind: 'tcp', host: 'db', port: 5_432 }],
    ['tcp://127.0.0.1:1', { kind: 'tcp', host: '127.0.0.1', port: 1 }],
    ['tcp://[::1]:65535', { kind: 'tcp', host: '::1', port: 65_535 }],
    ['tcp://[fe80::1%eth0]:80', { kind: 'tcp', host: 'fe80::1%eth0', port: 80 }],
    // Absolute: without the search domains.
    [
      'tcp://db.prod.svc.cluster.local.:5432',
      { kind: 'tcp', host: 'db.prod.svc.cluster.local.', port: 5_432 },
    ],
    ['http://auth/readyz?full', { kind: 'http', url: 'http://auth/readyz?full' }],
    ['https://[::1]:8443', { kind: 'http', url: 'https://[::1]:8443/' }],
    ['dns:orders', { kind: 'dns', name: 'orders' }],
    ['dns:_http._tcp.orders.prod.', { kind: 'dns', name: '_http._tcp.orders.prod.' }],
    ['file:/run/ready', { kind: 'file', path: '/run/ready' }],
    ['file:///run/ready', { kind: 'file', path: '/run/ready' }],
    ['file://localhost/run/ready', { kind: 'file', path: '/run/ready' }],
    ['file:run/100%25 ready', { kind: 'file', path: '/srv/app/run/100%25 ready' }],
    ['unix:/run/app.sock', { kind: 'unix', path: '/run/app.sock' }],
    ['unix:app.sock', { kind: 'unix', path: '/srv/app/app.sock' }],
  ])('%s', (text, target) => expect(parseTarget(text, folder)).toEqual({ text, ...target }));

  it('is called by its URL without the password, and asked with it', () => {
    expect(parseTarget('http://me:secret@auth/readyz')).toEqual({
      kind: 'http',
      text: 'http://…@auth/readyz',
      url: 'http://me:secret@auth/readyz',
    });
  });
});

const forms = 'tcp://host:port, http://host/path, https://host/path, dns:name, file:/path or unix:/path';

describe('what is no target is told', () => {
  it.each([
    ['', `${forms}, got "".`],
    ['db:5432', `${forms}, got "db:5432". Write "tcp://db:5432" for a port that accepts connections.`],
    ['orders', `${forms}, got "orders". Write "dns:orders" for a name that resolves.`],
    ['/run/x', `${forms}, got "/run/x". Write "file:/run/x" for a file, "unix:/run/x" for a socket.`],
    [
      'postgres://me:secret@db:5432/orders',
      `${forms}, got "postgres://…@db:5432/orders". Write "tcp://db:5432" for a port that accepts connections.`,
    ],
    ['redis://cache', `${forms}, got "redis://cache". Write "tcp://cache:" and its port.`],
    ['me:s@ecret@db:1', `${forms}, got "…@db:1".`],
    [
      'TCP://db:5432',
      `${forms}, got "TCP://db:5432". Write "tcp://db:5432" for a port that accepts connections.`,
    ],
    ['udp://db:53', `${forms}, got "udp://db:53". Write "tcp://db:53" for a port that accepts connections.`],
    [undefined, `${forms}, got undefined.`],
    [5432, `${forms}, got 5432.`],
  ])('%j', (text, message) => {
    expect(() => parseTarget(text as string)).toThrow(
      expect.objectContaining({
        name: 'CompanionError',
        code: 'ERR_COMPANION_TARGET',
        message: `ERR_COMPANION_TARGET: Expected ${message}`,
      }),
    );
  });

  it.each([
    ['tcp://db', 'tcp://host:port'],
    ['tcp:db:5432', 'tcp://host:port'],
    ['tcp://:5432', 'tcp://host:port'],
    ['tcp://db:0', 'with a port from 1 to 65535'],
    ['tcp://db:65536', 'with a port from 1 to 65535'],
    ['tcp://db:5432/orders', 'tcp://host:port'],
    ['tcp://me@db:5432', 'tcp://host:port'],
    ['tcp://::1:5432', 'An IPv6 address stands in brackets.'],
    ['tcp://[db]:5432', '"db" is no host'],
    ['tcp://10.0.1:80', '"10.0.1" is no host'],
    ['tcp://300.0.0.1:80', '"300.0.0.1" is no host'],
    ['tcp://-db:80', '"-db" is no host'],
    ['tcp://db..prod:80', '"db..prod" is no host'],
    [`tcp://${'a'.repeat(64)}:80`, 'is no host'],
    ['http:auth', 'http://host[:port]/path'],
    ['http:///readyz', 'http://host[:port]/path'],
    ['http://auth:0/', 'http://host[:port]/path'],
    ['https://auth:99999/', 'http://host[:port]/path'],
    ['dns:', 'dns:name'],
    ['dns://orders', 'dns:name'],
    ['dns:orders:80', 'dns:name'],
    ['dns:127.0.0.1', 'An address needs no resolving'],
    ['dns:::1', 'An address needs no resolving'],
    ['file:', 'file:/path, such as file:/run/ready'],
    ['file://elsewhere/run/ready', 'file:/path'],
    ['file:/run/\0', 'file:/path'],
    ['unix:', 'unix:/path, such as unix:/run/app.sock'],
    [`unix:/${'a'.repeat(107)}`, 'a path of at most 107 bytes for a Unix socket (unix(7))'],
  ])('%j', (text, expected) => expect(() => parseTarget(text, folder)).toThrow(expected));
});
