import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const unshare = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];

/** Whether this machine lets us make a PID namespace; a container often does not. */
export function canMakePidNamespace(): boolean {
  const [command = '', ...args] = unshare;
  return spawnSync(command, [...args, 'true']).status === 0;
}

/** Puts a command into a namespace of its own, where it is PID 1. */
export function inPidNamespace(command: readonly string[]): readonly string[] {
  return [...unshare, '--', ...command];
}

/** The process that `unshare` forked, by its number outside of the namespace. */
export function childOf(parent: number): number {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    if (parentOf(entry) === parent) return Number(entry);
  }
  throw new Error(`Expected process ${parent} to have a child.`);
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    // It has ended since it was listed.
    return undefined;
  }
}
