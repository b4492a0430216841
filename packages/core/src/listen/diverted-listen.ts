import { type ListenOptions, Server } from 'node:net';
import type { HttpServer } from '../http-server.js';
import type { ListenAddress } from './listen.js';

/** What Node tells of a `server.listen()` as it begins: the options, as the caller gave them or made of the arguments. */
export interface CalledWith extends Omit<ListenOptions, 'port'> {
  /** Node takes the digits of one, too. */
  readonly port?: number | string | null;
}

/** What is to be listened on instead. */
export type Target =
  | { readonly fd: number; readonly backlog: number }
  | { readonly path: string }
  | 'as asked';

/** The last step of every `server.listen()`: which keeps its old name, as Node says, because of those who put theirs over it. */
type Listen2 = (
  this: Server,
  address: string | null,
  port: number | null,
  addressType: number | null,
  backlog: number | undefined,
  fd: number | undefined,
  flags: number | undefined,
) => void;

interface Inside {
  _listen2: Listen2;
  readonly _handle: { fchmod?(mode: number): void } | null;
}

/** UV_READABLE and UV_WRITABLE. */
const readable = 1;
const writable = 2;

/** Where `options` say to listen; `undefined` where they name a descriptor or a handle, or Node will refuse them. */
export function addressOf(options: CalledWith): ListenAddress | undefined {
  const { host, path } = options;
  if ('fd' in options || 'handle' in options || '_handle' in options) return undefined;
  if (path !== undefined && !('port' in options)) return { path };
  const port = Number(options.port ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return undefined;
  return { port, ...(host && { host }) };
}

/**
 * Let `open` do what a call of `server.listen()` is about to: with `begin`,
 * now or later, elsewhere or as it was asked. The caller hears of it as ever,
 * by events.
 */
export function divertListen(
  server: HttpServer,
  { readableAll, writableAll }: CalledWith,
  open: (begin: (target: Target) => void, backlog: number | undefined) => void,
): void {
  const { _listen2: native } = Server.prototype as unknown as Inside;
  const inside = server as unknown as Inside;
  const mode = (readableAll ? readable : 0) | (writableAll ? writable : 0);
  inside._listen2 = (address, port, addressType, backlog, fd, flags) => {
    undivertListen(server);
    const begin = (target: Target) => {
      if (target !== 'as asked' && 'fd' in target) {
        native.call(server, null, null, null, target.backlog, target.fd, flags);
        return;
      }
      if (target === 'as asked') native.call(server, address, port, addressType, backlog, fd, flags);
      else native.call(server, target.path, -1, -1, backlog, undefined, flags);
      // Node would have done so, had there been a handle when the call came back to it.
      if (mode !== 0) inside._handle?.fchmod?.(mode);
    };
    open(begin, backlog);
  };
}

/** A call may end before its last step, when Node refuses its options. */
export function undivertListen(server: HttpServer): void {
  Reflect.deleteProperty(server, '_listen2');
}
