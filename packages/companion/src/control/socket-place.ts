import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import type { Server } from 'node:http';
import { dirname } from 'node:path';
import { UnixPath } from '@graceful/core/handover';
import { CompanionError } from '../companion-error.js';

/** Our user and group may open it, and nobody else. */
const socketMode = 0o660;
const folderMode = 0o750;
const forOthers = 0o002;
const sticky = 0o1000;

/**
 * The path of the control socket, in a folder that is made where there is
 * none. A socket that nobody listens on any more is replaced.
 */
export class SocketPlace {
  readonly path: string;
  /** What a person should know of the folder. */
  readonly warning: string | undefined;
  readonly #group: number | undefined;
  readonly #claim: UnixPath;

  private constructor(path: string, group: number | undefined, claim: UnixPath, warning: string | undefined) {
    this.path = path;
    this.#group = group;
    this.#claim = claim;
    this.warning = warning;
  }

  /**
   * @throws CompanionError `ERR_COMPANION_CONTROL`; GracefulError
   * `ERR_GRACEFUL_PORT_IN_USE` where another one listens there, `ERR_GRACEFUL_LISTEN`
   */
  static async claim(path: string, group?: number): Promise<SocketPlace> {
    const folder = dirname(path);
    const warning = makeFolder(folder, group);
    return new SocketPlace(path, group, await UnixPath.claim(path), warning);
  }

  /** @throws as {@link SocketPlace.claim} */
  async listen(server: Server): Promise<void> {
    const { temporary } = this.#claim;
    await bind(server, temporary);
    try {
      // By its final name it is seen with its final mode: there is no moment in which somebody else may open it.
      if (this.#group !== undefined) chownSync(temporary, process.geteuid?.() ?? 0, this.#group);
      chmodSync(temporary, socketMode);
      this.#claim.take();
    } catch (cause) {
      server.close();
      if (cause instanceof Error && cause.name === 'GracefulError') throw cause;
      throw cannot(`to let group ${this.#group} open ${this.path}`, cause);
    }
  }

  /** Take the path away, if it is still ours. */
  release(): void {
    this.#claim.release();
  }
}

/** @returns what is wrong with a folder that was there already */
function makeFolder(folder: string, group: number | undefined): string | undefined {
  try {
    mkdirSync(folder, { mode: folderMode });
    // Whatever the umask of the process is: it is ours.
    chmodSync(folder, folderMode);
    if (group !== undefined) chownSync(folder, process.geteuid?.() ?? 0, group);
    return undefined;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return openToOthers(folder);
    throw cannot(`to make the folder ${folder} for the control socket`, cause);
  }
}

/**
 * A volume of Kubernetes is root's and everybody may write it (`emptyDir` has
 * the mode 0777), but only containers of the pod can see it: worth a word,
 * no reason to leave a pod without its companion.
 */
function openToOthers(folder: string): string | undefined {
  const found = statSync(folder);
  if (!found.isDirectory()) throw cannot(`${folder} to be a folder`, new Error('a file of another kind'));
  if ((found.mode & forOthers) === 0 || (found.mode & sticky) !== 0) return undefined;
  const mode = (found.mode & 0o7777).toString(8).padStart(4, '0');
  return (
    `${folder} has the mode ${mode}, with which everybody who sees it can put another socket in the place of the control socket. ` +
    `Give a folder in it, which is then made with the mode 0750: ${folder}/graceful/control.sock`
  );
}

/** Its mode must never be wider than it is to be; umask(2) is of the whole process, but binding is done before `listen` returns. */
function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => reject(cannot(`to listen in ${dirname(path)}`, cause));
    server.once('error', fail);
    const umask = process.umask(0o777 & ~socketMode);
    try {
      server.listen(path, () => {
        server.off('error', fail);
        resolve();
      });
    } finally {
      process.umask(umask);
    }
  });
}

function cannot(what: string, cause: unknown): CompanionError {
  const { message } = cause as Error;
  return new CompanionError(
    'ERR_COMPANION_CONTROL',
    `Expected ${what}, got ${message}. Choose another path for \`socket\`, or another \`socketGroup\`.`,
    { cause },
  );
}
