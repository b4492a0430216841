import { type BigIntStats, fstatSync, lstatSync, unlinkSync } from 'node:fs';

/*
 * Files that may be sockets are asked in big integers, and removed by nothing
 * that asks in numbers, as `fs.rmSync` does. `fs.realpathSync` of Node 20 and
 * 22 looks at what the last `stat` in numbers found where it should look at a
 * folder it knows, and stops there if that was a socket: the next `require()`
 * through a symlink, such as any in pnpm's node_modules, does not find its
 * dependencies.
 */

/** What is at `path`, which is not followed if it is a symlink; `undefined` where nothing is. */
export function statOfPath(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}

/** @throws what the system says of a descriptor that is not open */
export function statOfDescriptor(fd: number): BigIntStats {
  return fstatSync(fd, { bigint: true });
}

/** It is well if nothing is there. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
