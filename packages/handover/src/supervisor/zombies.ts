import { readdirSync, readFileSync } from 'node:fs';

/** A dead process that nobody has waited for. */
export interface Zombie {
  readonly pid: number;
  /** Its program, as far as the kernel keeps the name. */
  readonly name: string;
}

/**
 * Dead children of this process that are none of `ours` (proc(5)). As PID 1 a
 * process inherits every orphan, and Node waits only for what it started.
 */
export function zombies(ours: ReadonlySet<number>): Zombie[] {
  const found: Zombie[] = [];
  for (const entry of entries()) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || ours.has(pid)) continue;
    const stat = statOf(pid);
    if (stat?.state === 'Z' && stat.parent === process.pid) found.push({ pid, name: stat.name });
  }
  return found;
}

function entries(): string[] {
  try {
    return readdirSync('/proc');
  } catch {
    return [];
  }
}

/** The name stands in brackets and may itself hold brackets and spaces. */
function statOf(pid: number): { name: string; state: string | undefined; parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const close = stat.lastIndexOf(')');
    const [state, parent] = stat.slice(close + 2).split(' ');
    return { name: stat.slice(stat.indexOf('(') + 1, close), state, parent: Number(parent) };
  } catch {
    // It is gone meanwhile.
    return undefined;
  }
}
