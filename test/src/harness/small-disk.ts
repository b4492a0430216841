import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';

/** Whether this machine lets us mount a file system that only our own process sees. */
export function canMount(): boolean {
  return spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
}

/** Puts a command into a mount namespace of its own, where the folder `at` is a disk of 64 KB. */
export function withSmallDisk(at: string, command: readonly string[]): readonly string[] {
  const script = `mkdir -p "$0" && mount -t tmpfs -o size=64k none "$0" && exec "$@"`;
  return ['unshare', '-rm', 'sh', '-c', script, at, ...command];
}

/** The path `path` as the process `pid` sees it (proc(5)). */
export function asSeenBy(pid: number, path: string): string {
  return `/proc/${pid}/root${path}`;
}

/** Until nothing more fits onto the disk of `file`; disposing makes room again. */
export function fillUp(file: string): Disposable {
  for (;;) {
    try {
      writeFileSync(file, Buffer.alloc(4_096), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      return { [Symbol.dispose]: () => rmSync(file) };
    }
  }
}
