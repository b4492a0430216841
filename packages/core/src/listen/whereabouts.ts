import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { SocketAddress } from 'node:net';
import { endianness } from 'node:os';
import { pathOfBound } from './unix-path.js';

interface Whereabouts {
  readonly kind: 'tcp' | 'unix' | 'unknown';
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
}

const unknown: Whereabouts = { kind: 'unknown' };

/**
 * Where the socket `fd` listens, as far as the system tells (proc(5)): Node can
 * ask a socket only once it listens on it itself.
 */
export function whereaboutsOf(fd: number): Whereabouts {
  try {
    const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
    if (inode === undefined) return unknown;
    return findTcp(inode, 'tcp') ?? findTcp(inode, 'tcp6') ?? findUnix(inode) ?? unknown;
  } catch {
    // Not Linux, or a container without /proc.
    return unknown;
  }
}

/** proc_net_tcp of the kernel's documentation: TCP_LISTEN. */
const listening = '0A';

function findTcp(inode: string, table: 'tcp' | 'tcp6'): Whereabouts | undefined {
  for (const line of linesOf(`/proc/self/net/${table}`)) {
    const [, address = '', , state, , , , , , found] = line.trim().split(/\s+/);
    // Those that listen stand first, and there may be a hundred thousand others.
    if (state !== listening && state !== 'st') return undefined;
    if (found !== inode) continue;
    const [host = '', port = ''] = address.split(':');
    return { kind: 'tcp', host: addressOf(host), port: Number.parseInt(port, 16) };
  }
  return undefined;
}

/** The bytes of an address, as words of 32 bits in the order of this machine. */
function addressOf(hex: string): string {
  const words = (hex.match(/.{8}/g) ?? []).map((word) => {
    const bytes = word.match(/../g) ?? [];
    return (endianness() === 'LE' ? bytes.toReversed() : bytes).join('');
  });
  if (words.length === 1) {
    const bytes = words[0]?.match(/../g) ?? [];
    return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
  }
  const address = words.join('').match(/.{4}/g) ?? [];
  return new SocketAddress({ address: address.join(':'), family: 'ipv6' }).address;
}

/** SOCK_STREAM, and __SO_ACCEPTCON: a socket of datagrams, or a connection, has a path as well. */
const stream = '0001';
const acceptsConnections = 0x1_0000;

function findUnix(inode: string): Whereabouts | undefined {
  for (const line of readFileSync('/proc/self/net/unix', 'utf8').split('\n')) {
    const [, , , flags = '', type, , found, ...path] = line.trim().split(' ').filter(Boolean);
    if (found !== inode) continue;
    if (type !== stream || (Number.parseInt(flags, 16) & acceptsConnections) === 0) return undefined;
    const bound = pathOf(path.join(' '));
    return { kind: 'unix', ...(bound !== undefined && { path: bound }) };
  }
  return undefined;
}

/** An abstract name is shown with an `@` for each NUL; older Nodes fill it up with them. */
function pathOf(shown: string): string | undefined {
  return shown.startsWith('@') ? `\0${shown.slice(1).replace(/@+$/, '')}` : pathOfBound(shown);
}

/** Line by line, for a table of the kernel is made as it is read. */
function* linesOf(table: string): Generator<string> {
  const file = openSync(table, 'r');
  try {
    const buffer = Buffer.alloc(16_384);
    let rest = '';
    for (;;) {
      const length = readSync(file, buffer);
      if (length === 0) return;
      const lines = (rest + buffer.toString('latin1', 0, length)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    closeSync(file);
  }
}
