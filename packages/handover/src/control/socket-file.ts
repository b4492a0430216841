import { randomBytes } from 'node:crypto';
import { type BigIntStats, linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { HandoverError } from '../handover-error.js';
import { makePrivate } from './private-folder.js';

/** unix(7): `sun_path` has 108 bytes, and the last is a NUL. */
const longestPath = 107;

/** What a probe of a socket file found. */
type Found = 'nothing' | 'stale' | 'alive';

/**
 * Let `server` listen at `path`, which only our user may open. A socket file
 * that nobody listens on any more is replaced; anything else is left alone.
 *
 * The socket is made under another name and then linked to `path`, which
 * fails where there is something already: of two supervisors that start at
 * once, one gets the path. libuv takes away the name that it has bound when
 * the server closes, and so never the path of somebody who came after us.
 *
 * @returns what takes the path away again, if it is still ours
 * @throws {@link HandoverError} `ERR_HANDOVER_CONTROL_TAKEN`,
 * `ERR_HANDOVER_CONTROL_UNSAFE`, `ERR_HANDOVER_CONTROL_LISTEN`, `ERR_HANDOVER_OPTION`
 */
export async function listenAt(server: Server, path: string): Promise<Disposable> {
  const folder = dirname(path);
  const bound = join(folder, `.${randomBytes(4).toString('hex')}`);
  expectShort(path, bound);
  makePrivate(folder);
  // Before anything is made: whoever is alive is told so without having been disturbed.
  await clear(path);
  await bind(server, bound);
  try {
    // While we listen nobody else gets this inode, whatever becomes of its names.
    const ours = lstatSync(bound, { bigint: true });
    while (!placed(bound, path)) await clear(path);
    return { [Symbol.dispose]: () => removeIf(path, (found) => sameInode(found, ours)) };
  } catch (error) {
    server.close();
    throw error;
  }
}

function expectShort(path: string, bound: string): void {
  const length = Math.max(Buffer.byteLength(path), Buffer.byteLength(bound));
  if (length <= longestPath) return;
  throw new HandoverError(
    'ERR_HANDOVER_OPTION',
    `Expected the path of the control socket to have at most ${longestPath} bytes (unix(7)), got ${length}: ${path}. Give a shorter one with --control.`,
  );
}

/** umask(2) is of the whole process, but binding is done before `listen` returns: nothing else is made meanwhile. */
function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error) =>
      reject(
        new HandoverError(
          'ERR_HANDOVER_CONTROL_LISTEN',
          `Expected to make a control socket in ${dirname(path)}, got ${cause.message}.`,
          { cause },
        ),
      );
    server.once('error', onError);
    server.once('listening', () => {
      server.off('error', onError);
      resolve();
    });
    const umask = process.umask(0o177);
    try {
      server.listen(path);
    } finally {
      process.umask(umask);
    }
  });
}

/** Give what is bound its final name. False, where there is something of that name. */
function placed(bound: string, path: string): boolean {
  try {
    linkSync(bound, path);
    unlinkSync(bound);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // A file system without hard links.
    renameSync(bound, path);
    return true;
  }
}

/** Make room at `path`: take away what nobody listens on. */
async function clear(path: string): Promise<void> {
  const before = lstat(path);
  if (!before) return;
  if (!before.isSocket()) {
    throw taken(`a file that is no socket at ${path}. Take it away, or give another path with --control.`);
  }
  const found = await probe(path);
  if (found === 'alive') {
    throw taken(
      `a process that answers at ${path}. Ask it how it is with "graceful status", or give this one a name or path of its own: --name, --control.`,
    );
  }
  // Somebody may have been faster, and theirs is alive: with the same inode even, which was free again.
  if (found === 'stale') removeIf(path, (now) => sameInode(now, before) && now.ctimeNs === before.ctimeNs);
}

function taken(got: string): HandoverError {
  return new HandoverError(
    'ERR_HANDOVER_CONTROL_TAKEN',
    `Expected the control socket to be free, got ${got}`,
  );
}

/** connect(2) on a socket file that nobody listens on ends with ECONNREFUSED. */
function probe(path: string): Promise<Found> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve('alive');
    });
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ECONNREFUSED') resolve('stale');
      else if (cause.code === 'ENOENT') resolve('nothing');
      // Its queue is full: there is somebody, and they are busy.
      else if (cause.code === 'EAGAIN') resolve('alive');
      else {
        const why = `Expected to find out who listens at ${path}, got ${cause.message}.`;
        reject(new HandoverError('ERR_HANDOVER_CONTROL_TAKEN', why, { cause }));
      }
    });
  });
}

function removeIf(path: string, is: (found: BigIntStats) => boolean): void {
  const found = lstat(path);
  if (!found || !is(found)) return;
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function sameInode(one: BigIntStats, other: BigIntStats): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

function lstat(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}
