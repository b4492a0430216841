import { readdirSync, readFileSync } from 'node:fs';

/** The variable that tells who belongs to a family, whoever their parents are by now. */
export const markVariable = 'HANDOVER_FAMILY';

/** All that were started with `mark` in their environment and are there, none that has died (proc(5)). */
export function kinOf(mark: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    return environmentOf(name).includes(`${markVariable}=${mark}`) && isAlive(Number(name))
      ? [Number(name)]
      : [];
  });
}

/** Whether it is there, and no zombie: not every init waits for orphans. */
export function isAlive(pid: number): boolean {
  // The first thread of a process that exits is a zombie while the others still end, descriptors and all.
  return !['', 'X'].includes(stateOf(pid)) && (stateOf(pid) !== 'Z' || threadsOf(pid) > 1);
}

function threadsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

/** One letter, as ps(1) tells it; nothing for one that is gone. */
export function stateOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  } catch {
    return '';
  }
}

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return [];
  }
}
