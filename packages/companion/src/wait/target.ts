import { isIP, isIPv6 } from 'node:net';
import { resolve } from 'node:path';
import { CompanionError } from '../companion-error.js';

/** Something to wait for. `text` is what it is called: as it was given, but for the password of a URL. */
export type Target =
  /** Accepts a TCP connection. */
  | { readonly kind: 'tcp'; readonly text: string; readonly host: string; readonly port: number }
  /** Answers a GET with a status from 200 to 299. */
  | { readonly kind: 'http'; readonly text: string; readonly url: string }
  /** Resolves to at least one address, as this machine resolves names. */
  | { readonly kind: 'dns'; readonly text: string; readonly name: string }
  /** Exists; a symbolic link counts when what it leads to exists. */
  | { readonly kind: 'file'; readonly text: string; readonly path: string }
  /** A Unix socket that accepts a connection. */
  | { readonly kind: 'unix'; readonly text: string; readonly path: string };

const forms = 'tcp://host:port, http://host/path, https://host/path, dns:name, file:/path or unix:/path';

/** unix(7): `sun_path` has 108 bytes, and the last is a NUL. */
const longestSocketPath = 107;

/**
 * The target that `text` describes: `tcp://host:port`, `http://…`,
 * `https://…`, `dns:name`, `file:/path`, `unix:/path`.
 *
 * Paths are taken as they are, without %-escapes; `file:///path` is the same
 * as `file:/path`, and a relative one begins at `folder`.
 *
 * @param folder - what a relative path begins at. @defaultValue the working directory
 * @throws {@link CompanionError} `ERR_COMPANION_TARGET` with what was expected, and what to write instead
 */
export function parseTarget(text: string, folder: string = process.cwd()): Target {
  const [, scheme = ''] = (typeof text === 'string' && /^(tcp|https?|dns|file|unix):/.exec(text)) || [];
  switch (scheme) {
    case 'tcp':
      return parseTcp(text);
    case 'http':
    case 'https':
      return parseUrl(text);
    case 'dns':
      return parseName(text);
    case 'file':
      return { kind: 'file', text, path: parsePath(text, 'file', folder) };
    case 'unix':
      return parseUnix(text, folder);
    default:
      throw wrong(forms, text, hint(text));
  }
}

function parseTcp(text: string): Target {
  const expected = 'tcp://host:port, such as tcp://db:5432 or tcp://[::1]:5432';
  const [, bracketed, plain, digits] =
    /^tcp:\/\/(?:\[([^\]]*)\]|([^:/?#@[\]\s]+)):(\d+)\/?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw wrong(expected, text, hint(text));
  if (bracketed === undefined ? !isHost(host) : !isIPv6(host))
    throw wrong(`${expected}; "${host}" is no host`, text);
  const port = Number(digits);
  if (port < 1 || port > 65_535) throw wrong(`${expected}, with a port from 1 to 65535`, text);
  return { kind: 'tcp', text, host, port };
}

function parseUrl(text: string): Target {
  const url = /^https?:\/\/[^/?#]/.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.port === '0') throw wrong('http://host[:port]/path or https://host[:port]/path', text);
  return { kind: 'http', text: withoutSecrets(text), url: url.href };
}

function parseName(text: string): Target {
  const name = text.slice('dns:'.length);
  const expected = 'dns:name, such as dns:orders or dns:db.prod.svc.cluster.local';
  if (isIP(name)) throw wrong(expected, text, 'An address needs no resolving: wait for what answers there.');
  if (!isHost(name)) throw wrong(expected, text);
  return { kind: 'dns', text, name };
}

function parseUnix(text: string, folder: string): Target {
  const path = parsePath(text, 'unix', folder);
  const bytes = Buffer.byteLength(path);
  if (bytes > longestSocketPath) {
    throw wrong(
      `a path of at most ${longestSocketPath} bytes for a Unix socket (unix(7))`,
      text,
      `It has ${bytes}.`,
    );
  }
  return { kind: 'unix', text, path };
}

function parsePath(text: string, scheme: 'file' | 'unix', folder: string): string {
  // RFC 8089: nobody between the slashes is this machine, and so is "localhost".
  const path = text.slice(scheme.length + 1).replace(/^\/\/(?:localhost)?(?=\/)/, '');
  if (path === '' || path.startsWith('//') || path.includes('\0')) {
    throw wrong(`${scheme}:/path, such as ${scheme}:/run/${scheme === 'file' ? 'ready' : 'app.sock'}`, text);
  }
  return resolve(folder, path);
}

/** A name (RFC 1123, and "_" as many have it; with the dot of the root or without), or an IPv4 address. */
function isHost(host: string): boolean {
  // Four numbers are never a name, and three are not an address either, whatever inet_aton(3) makes of them.
  if (/^[\d.]+$/.test(host)) return isIP(host) === 4;
  const name = host.replace(/\.$/, '');
  const label = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
  return name.length <= 253 && name.split('.').every((part) => label.test(part));
}

/** What was probably meant. */
function hint(text: unknown): string {
  if (typeof text !== 'string') return '';
  if (text.startsWith('/')) return `Write "file:${text}" for a file, "unix:${text}" for a socket.`;
  const [, url] = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?([^/?#@]+)/i.exec(text) ?? [];
  const place = url ?? text;
  if (isIPv6(place.replace(/:\d+$/, '')) && !place.startsWith('['))
    return 'An IPv6 address stands in brackets.';
  if (/^[A-Za-z0-9_.-]+:\d+$/.test(place) || /^\[[^\]]+\]:\d+$/.test(place)) {
    return `Write "tcp://${place}" for a port that accepts connections.`;
  }
  if (url !== undefined) return `Write "tcp://${place.replace(/:.*$/, '')}:" and its port.`;
  return /^[A-Za-z0-9_.-]+$/.test(text) ? `Write "dns:${text}" for a name that resolves.` : '';
}

function wrong(expected: string, got: unknown, advice = ''): CompanionError {
  const shown = typeof got === 'string' ? JSON.stringify(withoutSecrets(got)) : String(got);
  return new CompanionError(
    'ERR_COMPANION_TARGET',
    `Expected ${expected}, got ${shown}.${advice === '' ? '' : ` ${advice}`}`,
  );
}

/** What is logged is read by more people than may know a password. */
function withoutSecrets(text: string): string {
  return text.replace(/^((?:[a-z][a-z0-9+.-]*:\/\/)?)[^/?#]*@/i, '$1…@');
}
