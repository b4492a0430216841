import { basename, resolve } from 'node:path';
import type { ListenSpec } from '@graceful/handover/supervisor';
import { expected } from './expected.js';

/** unix(7): `sun_path` has 108 bytes, and the last is a NUL. */
const longestPath = 107;

/** sd_listen_fds_with_names(3): names stand side by side, with colons between them. */
const names = /^[\x20-\x39\x3B-\x7E]{1,255}$/;

const forms = '[name=]3000, 127.0.0.1:3000, [::1]:3000, unix:/run/app.sock or /run/app.sock';

/**
 * The socket that `--listen` asks for: `[name=]address`. Without a name it is
 * called after its port, or the file of its path.
 *
 * @param folder - what a path after `unix:` is relative to
 * @throws InvalidArgumentError with what was expected
 */
export function parseListen(text: string, folder: string): ListenSpec {
  const { name, address } = split(text);
  const where = unixPath(address, folder) ?? tcpAddress(address) ?? refuse(text);
  const called = name ?? ('path' in where ? basename(where.path).replace(/\.sock$/, '') : String(where.port));
  if (!names.test(called)) {
    throw expected('a name of up to 255 printable ASCII characters, without a colon', called);
  }
  return { name: called, ...where };
}

/**
 * Where metrics are served: a port, or an address with a port.
 *
 * @throws InvalidArgumentError with what was expected
 */
export function parseMetricsAddress(text: string): { readonly port: number; readonly host?: string } {
  const address = tcpAddress(text);
  if (address) return address;
  throw expected('9464, 127.0.0.1:9464 or [::1]:9464', text);
}

/**
 * One more socket, with a name and an address of its own.
 *
 * @throws InvalidArgumentError with what was expected
 */
export function addListen(
  text: string,
  before: readonly ListenSpec[],
  folder: string,
): readonly ListenSpec[] {
  const one = parseListen(text, folder);
  if (before.some(({ name }) => name === one.name)) {
    throw expected('a name of its own for each socket (name=address)', one.name);
  }
  if (before.some((other) => sameAddress(one, other))) {
    throw expected('an address of its own for each socket', text);
  }
  return [...before, one];
}

/** Up to the first "=", if no address begins before it: a path may have one in it. */
function split(text: string): { name: string | undefined; address: string } {
  const equals = text.indexOf('=');
  const slash = text.indexOf('/');
  if (equals === -1 || (slash !== -1 && slash < equals)) return { name: undefined, address: text };
  return { name: text.slice(0, equals), address: text.slice(equals + 1) };
}

function unixPath(address: string, folder: string): { path: string } | undefined {
  const given = address.startsWith('unix:')
    ? address.slice(5)
    : address.startsWith('/')
      ? address
      : undefined;
  if (given === undefined || given === '' || given.endsWith('/')) return undefined;
  if (given.includes('\0') || given.startsWith('@')) {
    throw expected('a path in the file system for a Unix socket', given);
  }
  const path = resolve(folder, given);
  const length = Buffer.byteLength(path);
  if (length > longestPath) {
    throw expected(`a path of at most ${longestPath} bytes (unix(7))`, `one of ${length}`, false);
  }
  return { path };
}

function tcpAddress(address: string): { port: number; host?: string } | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]:|([^:[\]]+):)?(\d+)$/.exec(address) ?? [];
  if (digits === undefined) return undefined;
  const port = Number(digits);
  if (port > 65_535) throw expected('a port from 0 to 65535', digits);
  const host = bracketed ?? plain;
  if (host === undefined) return { port };
  if (bracketed === undefined ? !isHost(host) : !isIPv6(host)) return undefined;
  return { port, host };
}

/** RFC 3986, and a zone after "%": fe80::1%eth0. */
function isIPv6(host: string): boolean {
  const [address = ''] = host.split('%');
  return URL.canParse(`http://[${address}]/`) && !/[\s%/]/.test(host.slice(address.length + 1));
}

/** A name (RFC 1123), or an IPv4 address; four numbers are never a name. */
function isHost(host: string): boolean {
  const label = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
  if (/^[\d.]+$/.test(host)) {
    const numbers = host.split('.');
    return (
      numbers.length === 4 && numbers.every((number) => /^\d{1,3}$/.test(number) && Number(number) < 256)
    );
  }
  return host.length <= 253 && host.split('.').every((part) => label.test(part));
}

function sameAddress(one: ListenSpec, other: ListenSpec): boolean {
  if (one.path !== undefined || other.path !== undefined) return one.path === other.path;
  // Each socket that asks for a free port gets one of its own.
  return one.port !== 0 && one.port === other.port && one.host === other.host;
}

function refuse(text: string): never {
  const inBrackets = /^(?:[^=]*=)?[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*$/i.test(text);
  throw expected(`${forms}${inBrackets ? ' (an IPv6 address in brackets)' : ''}`, text);
}
