import { statfs } from 'node:fs/promises';

/**
 * File systems on which somebody else can change a file without the kernel
 * here being told, so that inotify(7) is silent; by their numbers (statfs(2)).
 */
const deaf: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x01021997, '9P'],
  [0x65735546, 'FUSE'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
  [0x0bd00bd0, 'Lustre'],
  [0x786f4256, 'a shared folder of VirtualBox'],
  [0x7c7c6673, 'a shared folder of Parallels'],
]);

/** What the file system with this number is called, where events cannot be relied on. */
export function deafName(type: number): string | undefined {
  // Numbers with the highest bit come as negative ones from some kernels.
  return deaf.get(type >>> 0);
}

/** The same of the file system that `path` is on; the numbers are those of Linux. */
export async function deafTo(path: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    return deafName((await statfs(path)).type);
  } catch {
    // It is not there yet.
    return undefined;
  }
}
