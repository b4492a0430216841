import { fstatSync, readFileSync, readlinkSync } from 'node:fs';
import { GracefulError, shown } from '../errors.js';
import { lookAway } from './look-away.js';

/** A socket that this process was given, and that a server may adopt instead of binding its own. */
export interface InheritedSocket {
  /** What the giver calls it. */
  readonly name: string;
  readonly fd: number;
  readonly kind: 'tcp' | 'unix' | 'unknown';
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  /** Of the queue, as the giver asked for it. */
  readonly backlog?: number;
  /** Given by one that listened where this service is to listen: the name alone does not make it the right one. */
  readonly sameService?: boolean;
}

/** sd_listen_fds(3): SD_LISTEN_FDS_START. */
const firstDescriptor = 3;
const variables = ['LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_PID'] as const;

/**
 * The sockets that `LISTEN_FDS`, `LISTEN_FDNAMES` and `LISTEN_PID` of
 * `environment` speak of, as systemd and others hand them on (sd_listen_fds(3)).
 * The variables are taken out: a program that the service starts must not
 * think that it is meant.
 *
 * @throws {@link GracefulError} `ERR_GRACEFUL_INHERITED`
 */
export function takeInheritedSockets(environment: NodeJS.ProcessEnv): InheritedSocket[] {
  const [count, names, pid] = variables.map((name) => environment[name]);
  // They came along from an ancestor, and so did no descriptors.
  if (count === undefined || pid !== String(process.pid)) return [];
  for (const name of variables) delete environment[name];
  if (!/^\d{1,4}$/.test(count)) throw wrong(`LISTEN_FDS to be a number of descriptors, got ${shown(count)}`);
  const fds = Array.from({ length: Number(count) }, (_, index) => firstDescriptor + index);
  const given = names === undefined || names === '' ? undefined : names.split(':');
  if (given && given.length !== fds.length) {
    throw wrong(
      `as many names in LISTEN_FDNAMES as LISTEN_FDS says, ${fds.length}, got ${given.length} in ${shown(names)}`,
    );
  }
  return fds.map((fd, index) => {
    assertSocket(fd);
    return { name: given?.[index] ?? 'unknown', fd, ...whereabouts(fd) };
  });
}

function assertSocket(fd: number): void {
  let found: string;
  try {
    if (fstatSync(fd).isSocket()) return;
    found = 'something else';
  } catch (error) {
    found = (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    lookAway();
  }
  throw wrong(
    `descriptor ${fd}, of which LISTEN_FDS speaks, to be a socket, got ${found}. ` +
      'A program in between has closed it, as `npm start` does: start node itself',
  );
}

function wrong(expected: string): GracefulError {
  return new GracefulError('ERR_GRACEFUL_INHERITED', `Expected ${expected}.`);
}

type Whereabouts = Pick<InheritedSocket, 'kind' | 'host' | 'port' | 'path'>;

/** Where a socket listens already, as far as the system tells (proc(5)); Node can ask only once it listens itself. */
function whereabouts(fd: number): Whereabouts {
  try {
    const inode = /\d+/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[0];
    return findTcp(inode) ?? findUnix(inode) ?? { kind: 'unknown' };
  } catch {
    return { kind: 'unknown' };
  }
}

function findTcp(inode: string | undefined): Whereabouts | undefined {
  for (const table of ['tcp', 'tcp6']) {
    for (const line of linesOf(`/proc/self/net/${table}`)) {
      const fields = line.trim().split(/\s+/);
      if (fields[9] !== inode) continue;
      const [address = '', port = ''] = (fields[1] ?? '').split(':');
      // Only what is the same in every byte order is told: the wildcard. Others are found by their port.
      const host = /^0+$/.test(address) ? (table === 'tcp' ? '0.0.0.0' : '::') : undefined;
      return { kind: 'tcp', port: Number.parseInt(port, 16), ...(host !== undefined && { host }) };
    }
  }
  return undefined;
}

function findUnix(inode: string | undefined): Whereabouts | undefined {
  for (const line of linesOf('/proc/self/net/unix')) {
    const fields = line.trim().split(/\s+/);
    if (fields[6] !== inode) continue;
    const path = fields.slice(7).join(' ');
    return { kind: 'unix', ...(path !== '' && { path }) };
  }
  return undefined;
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** What a server was asked to listen on. */
export interface Wanted {
  readonly name: string;
  /** Whether the user chose the name. */
  readonly named: boolean;
  readonly port?: number;
  readonly host?: string;
  readonly path?: string;
}

/**
 * The socket among `sockets` that is meant by `wanted`: by its name where the
 * user gave one, else by its address; for any free port by the name it got.
 */
export function findInherited(
  sockets: readonly InheritedSocket[],
  wanted: Wanted,
): InheritedSocket | undefined {
  const { name, named, port, path } = wanted;
  const called = sockets.find((socket) => socket.name === name);
  const anyPort = path === undefined && port === 0;
  if (called && anyPort && called.kind !== 'unix') return called;
  if (called && named && (!called.sameService || isThere(called, wanted))) return called;
  return sockets.find((socket) => isThere(socket, wanted));
}

const wildcards = ['0.0.0.0', '::'];
const localhosts = ['127.0.0.1', '::1'];

function isThere(socket: InheritedSocket, { port, host, path }: Wanted): boolean {
  if (path !== undefined) return socket.path === path;
  if (port === 0 || socket.port !== port) return false;
  if (socket.host === undefined || socket.host === host) return true;
  if (host === undefined || wildcards.includes(host)) return wildcards.includes(socket.host);
  return host === 'localhost' && localhosts.includes(socket.host);
}
