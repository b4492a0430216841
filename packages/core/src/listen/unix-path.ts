import { lstatSync, renameSync, rmSync, type Stats } from 'node:fs';
import { connect } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { GracefulError } from '../errors.js';
import { lookAway } from './look-away.js';

/** unix(7): what `sun_path` holds, less the NUL at its end. */
const longestPath = 107;
let claims = 0;

/**
 * The path of a Unix socket, kept apart from whoever binds it. libuv removes
 * the path that it bound when the binder closes, also when another process
 * listens on the same socket by then. So it binds a temporary name, which is
 * renamed to the path: what libuv removes later is gone already, a stale path
 * is replaced in one step, and who removes the path is decided here.
 */
export class UnixPath {
  readonly path: string;
  /** The name to bind. */
  readonly temporary: string;
  #bound: Pick<Stats, 'dev' | 'ino'> | undefined;

  private constructor(path: string, temporary: string) {
    this.path = path;
    this.temporary = temporary;
  }

  /**
   * Make sure that nobody listens on `path`. One that nobody listens on any
   * more may be taken: its process was killed.
   *
   * @throws {@link GracefulError} `ERR_GRACEFUL_PORT_IN_USE`, `ERR_GRACEFUL_LISTEN`
   */
  static async claim(path: string): Promise<UnixPath> {
    const found = statOf(path);
    if (found && !found.isSocket()) {
      throw new GracefulError(
        'ERR_GRACEFUL_LISTEN',
        `Expected ${path} to be free, or a socket that nobody listens on, got a file of another kind. Choose another path, or remove it.`,
      );
    }
    if (found && (await somebodyListens(path))) {
      throw new GracefulError(
        'ERR_GRACEFUL_PORT_IN_USE',
        `Expected ${path} to be free to listen on, got one that another process, or another server of this one, listens on. ` +
          'Stop it, or choose another address.',
      );
    }
    claims++;
    // As short as can be, for a long path.
    const short = `.${process.pid.toString(36)}-${claims.toString(36)}`;
    const readable = join(dirname(path), `.${basename(path)}${short}`);
    const temporary = Buffer.byteLength(readable) <= longestPath ? readable : join(dirname(path), short);
    if (Buffer.byteLength(temporary) > longestPath || Buffer.byteLength(path) > longestPath) {
      throw new GracefulError(
        'ERR_GRACEFUL_LISTEN',
        `Expected the path of a Unix socket to have at most ${longestPath - short.length} bytes in its folder (unix(7)), got ${Buffer.byteLength(path)} in ${path}. Choose a shorter one.`,
      );
    }
    rmSync(temporary, { force: true });
    return new UnixPath(path, temporary);
  }

  /** It is bound: let the path lead to it. */
  take(): void {
    renameSync(this.temporary, this.path);
    const stat = statOf(this.path);
    if (stat) this.#bound = { dev: stat.dev, ino: stat.ino };
  }

  /** Nobody listens on it any more: remove it, if it is still what was bound here. */
  release(): void {
    const bound = this.#bound;
    this.#bound = undefined;
    const found = statOf(this.path);
    if (bound && found && found.dev === bound.dev && found.ino === bound.ino)
      rmSync(this.path, { force: true });
  }

  /** The path of a socket that another process bound: it is as much ours by now. */
  static adopt(path: string): UnixPath {
    const adopted = new UnixPath(path, path);
    const stat = statOf(path);
    if (stat?.isSocket()) adopted.#bound = { dev: stat.dev, ino: stat.ino };
    return adopted;
  }

  /** Another process has the socket: the path stays. */
  giveAway(): void {
    this.#bound = undefined;
  }
}

function statOf(path: string): Stats | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  lookAway();
  return found;
}

function somebodyListens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Whatever else it says (a full queue, no permission), somebody is there.
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    );
  });
}
