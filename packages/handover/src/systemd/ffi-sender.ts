import { setTimeout as after } from 'node:timers/promises';
import type { Sender } from './sender.js';

/** `node:ffi` of Node 26, as far as it is used here; experimental there. */
interface ForeignFunctions {
  dlopen(
    library: string | null,
    definitions: Record<string, { readonly arguments: readonly string[]; readonly return: string }>,
  ): { readonly functions: Record<string, (...values: unknown[]) => number | bigint> };
}

/** Of Linux, on every architecture that Node runs on. */
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/** The manager's queue may be full for a moment; to wait inside the call would stop the event loop. In milliseconds. */
const pausesMs = [1, 10, 50, 100, 500];

/** By the C library, where Node can call it: no process is started, and the sender is this very process. */
export function ffiSender(socket: string): Sender | undefined {
  if (process.platform !== 'linux' || !/^[/@]/.test(socket)) return undefined;
  const library = openLibrary();
  if (!library) return undefined;
  const address = addressOf(socket);
  const sendOnce = (message: Buffer): boolean => {
    const fd = Number(library['socket']?.(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (fd < 0) return false;
    try {
      const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
      const sent = library['sendto']?.(fd, message, BigInt(message.length), flags, address, address.length);
      return Number(sent) === message.length;
    } finally {
      library['close']?.(fd);
    }
  };
  return {
    name: 'node:ffi',
    async send(text) {
      const message = Buffer.from(text);
      if (sendOnce(message)) return;
      for (const ms of pausesMs) {
        await after(ms);
        if (sendOnce(message)) return;
      }
      throw new Error(`the socket ${socket} took nothing`);
    },
  };
}

function openLibrary(): ReturnType<ForeignFunctions['dlopen']>['functions'] | undefined {
  try {
    const ffi = quietly(() => process.getBuiltinModule('node:ffi')) as ForeignFunctions | undefined;
    // Without a name: what this process has loaded already, whatever its C library is called.
    return ffi?.dlopen(null, {
      socket: { arguments: ['int32', 'int32', 'int32'], return: 'int32' },
      sendto: { arguments: ['int32', 'buffer', 'uint64', 'int32', 'buffer', 'uint32'], return: 'int64' },
      close: { arguments: ['int32'], return: 'int32' },
    }).functions;
  } catch {
    // The permission model forbids it, or the interface has changed: there is another way.
    return undefined;
  }
}

/** Loading it warns that it is experimental: nothing that an operator chose, nor could act on. */
function quietly<T>(load: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** A `sockaddr_un` (unix(7)): the family in the machine's byte order, then the path with a NUL behind it, or the abstract name with one before. */
function addressOf(socket: string): Buffer {
  const name = Buffer.from(socket.startsWith('@') ? `\0${socket.slice(1)}` : `${socket}\0`);
  const family = Buffer.from(new Uint16Array([AF_UNIX]).buffer);
  return Buffer.concat([family, name]);
}
