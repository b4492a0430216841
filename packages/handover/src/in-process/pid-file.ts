import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * The file that tells which process to signal. Replaced as a whole: temporary
 * file, fsync, rename; whoever reads it sees the old number or the new one.
 * Synchronous, so that no other step of an upgrade comes between.
 */
export class PidFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The number in it; `undefined` where there is none. */
  read(): number | undefined {
    try {
      const pid = Number(readFileSync(this.path, 'utf8').trim());
      return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
    } catch {
      return undefined;
    }
  }

  /** @throws what the file system says: no space, no permission, no folder */
  write(pid: number): void {
    // Always the same name: what a process that was killed meanwhile has left is taken over by the next.
    const temporary = join(dirname(this.path), `.${basename(this.path)}.tmp`);
    try {
      const file = openSync(temporary, 'w', 0o644);
      try {
        writeSync(file, `${pid}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, this.path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  /** Remove it, if it still names `pid`: it may be another's by now. */
  remove(pid: number): void {
    if (this.read() === pid) rmSync(this.path, { force: true });
  }
}
