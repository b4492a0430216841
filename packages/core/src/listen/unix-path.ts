import { type BigIntStats, linkSync, renameSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { GracefulError } from '../errors.js';
import { removeFile, statOfPath } from './socket-file.js';

/** unix(7): what `sun_path` holds, less the NUL at its end. */
const longestPath = 107;
let claims = 0;

/** What tells a file from all others, as long as it is there. */
type Identity = Pick<BigIntStats, 'dev' | 'ino'>;

/**
 * The path of a Unix socket, kept apart from whoever binds it. libuv removes
 * the path that it bound when the binder closes, also when another process
 * listens on the same socket by then. So it binds a temporary name, and the
 * path is made to lead there: what libuv removes later is gone already, a
 * stale path is replaced in one step, and who removes the path is decided here.
 */
export class UnixPath {
  /** As it was given. */
  readonly path: string;
  /** The name to bind. */
  readonly temporary: string;
  /** However the folder of the process changes. */
  readonly #path: string;
  readonly #temporary: string;
  /** Nobody listens on what is there. */
  readonly #stale: BigIntStats | undefined;
  #bound: Identity | undefined;

  private constructor(path: string, temporary: string, stale?: BigIntStats) {
    this.path = path;
    this.temporary = temporary;
    this.#path = resolve(path);
    this.#temporary = resolve(temporary);
    this.#stale = stale;
  }

  /**
   * Make sure that nobody listens on `path`. One that nobody listens on any
   * more may be taken: its process was killed.
   *
   * @throws {@link GracefulError} `ERR_GRACEFUL_PORT_IN_USE`, `ERR_GRACEFUL_LISTEN`
   */
  static async claim(path: string): Promise<UnixPath> {
    const temporary = nameToBind(path);
    const found = statOfPath(path);
    if (found && !found.isSocket()) {
      throw new GracefulError(
        'ERR_GRACEFUL_LISTEN',
        `Expected ${path} to be free, or a socket that nobody listens on, got a file of another kind. Choose another path, or remove it.`,
        { cause: systemError('EADDRINUSE', path) },
      );
    }
    if (found && (await somebodyListens(path))) throw inUse(path);
    return new UnixPath(path, temporary, found);
  }

  /** The path of a socket that another process bound, and that is this one's now. */
  static adopt(path: string): UnixPath {
    const adopted = new UnixPath(path, path);
    const found = statOfPath(path);
    if (found?.isSocket()) adopted.#bound = found;
    return adopted;
  }

  /**
   * It is bound: let the path lead to it.
   *
   * @throws {@link GracefulError} `ERR_GRACEFUL_PORT_IN_USE`, `ERR_GRACEFUL_LISTEN`
   */
  take(): void {
    try {
      this.#move();
    } catch (cause) {
      removeFile(this.#temporary);
      if (cause instanceof GracefulError) throw cause;
      throw new GracefulError(
        'ERR_GRACEFUL_LISTEN',
        `Expected to listen on ${this.path}, got ${(cause as Error).message}.`,
        { cause },
      );
    }
    this.#bound = statOfPath(this.#path);
  }

  /** Nobody here listens on it any more: remove it, if it is still what was bound here. */
  release(): void {
    const bound = this.#bound;
    this.#bound = undefined;
    if (bound && isSame(bound, statOfPath(this.#path))) removeFile(this.#path);
  }

  #move(): void {
    try {
      // Unlike a renaming it replaces nothing: another may have come since the claim.
      linkSync(this.#temporary, this.#path);
      removeFile(this.#temporary);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const found = statOfPath(this.#path);
      if (found && !isUntouched(found, this.#stale)) throw inUse(this.path);
      // Where there are no links, as on some shared folders, or where a stale path is: both in one step.
      if (code === 'ENOENT') throw error;
    }
    renameSync(this.#temporary, this.#path);
  }
}

/** Abstract sockets of Linux, and the pipes of Windows, are in no folder. */
export function isInFileSystem(path: string): boolean {
  return !path.startsWith('\0') && process.platform !== 'win32';
}

/** In the same folder, and readable, or as short as can be for a long path. */
function nameToBind(path: string): string {
  claims++;
  const suffix = `.${process.pid.toString(36)}-${claims.toString(36)}`;
  const readable = join(dirname(path), `.${basename(path)}${suffix}`);
  const temporary = Buffer.byteLength(readable) <= longestPath ? readable : join(dirname(path), suffix);
  if (Buffer.byteLength(path) > longestPath || Buffer.byteLength(temporary) > longestPath) {
    throw new GracefulError(
      'ERR_GRACEFUL_LISTEN',
      `Expected the path of a Unix socket to have at most ${longestPath} bytes (unix(7)), and its folder at most ${longestPath - suffix.length - 1}, ` +
        `got ${Buffer.byteLength(path)} in ${path}. Choose a shorter one, or one relative to the folder of the process.`,
      { cause: systemError('ENAMETOOLONG', path) },
    );
  }
  return temporary;
}

/** Where a socket is that was bound by the name `bound`, which is all that the system tells; `undefined` where that cannot be known. */
export function pathOfBound(bound: string): string | undefined {
  const path = bound.replace(/\.([^/]+)\.[0-9a-z]+-[0-9a-z]+$/, '$1');
  return [bound, path].find((one) => statOfPath(one)?.isSocket());
}

/** Still the same file: the number of one that was removed may be another's by now. */
function isUntouched(found: BigIntStats, before: BigIntStats | undefined): boolean {
  return isSame(found, before) && found.ctimeNs === before?.ctimeNs;
}

function isSame(one: Identity, other: Identity | undefined): boolean {
  return one.dev === other?.dev && one.ino === other.ino;
}

/** @throws {@link GracefulError} `ERR_GRACEFUL_LISTEN` when that cannot be told */
function somebodyListens(path: string): Promise<boolean> {
  return new Promise((answer, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      answer(true);
    });
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ECONNREFUSED' || cause.code === 'ENOENT') answer(false);
      // Its queue is full.
      else if (cause.code === 'EAGAIN') answer(true);
      else {
        reject(
          new GracefulError(
            'ERR_GRACEFUL_LISTEN',
            `Expected ${path} to be free, or a socket that nobody listens on, got one that cannot be asked: ${cause.message}. Choose another path, or remove it.`,
            { cause },
          ),
        );
      }
    });
  });
}

function inUse(path: string): GracefulError {
  return new GracefulError(
    'ERR_GRACEFUL_PORT_IN_USE',
    `Expected ${path} to be free to listen on, got one that another process, or another server of this one, listens on. ` +
      'Stop it, or choose another address.',
    { cause: systemError('EADDRINUSE', path) },
  );
}

/** What Node would have said of it: whoever called `server.listen()` looks at that. */
function systemError(code: string, path: string): NodeJS.ErrnoException {
  const what = code === 'EADDRINUSE' ? 'address already in use' : 'name too long';
  return Object.assign(new Error(`listen ${code}: ${what} ${path}`), {
    code,
    syscall: 'listen',
    address: path,
  });
}
