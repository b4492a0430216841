import { readdirSync, readFileSync } from 'node:fs';

/** In the environment of whatever a container starts, and of whatever that starts. */
const variable = 'GRACEFUL_REHEARSAL_CONTAINER';

/** A process that is told to die is there for a moment more; it is looked for again so often. */
const looks = 100;

/** The variable by which the processes of a container are known, whoever their parents are by now. */
export function markOf(mark: string): Readonly<Record<string, string>> {
  return { [variable]: mark };
}

/**
 * SIGKILL to all that a container has started, in whatever process group or
 * session, as the end of a PID namespace is (pid_namespaces(7)). Only where
 * there is /proc; who was started without that environment is not found.
 */
export function killDescendants(mark: string): void {
  for (let look = 0; look < looks; look++) {
    const left = processesOf(mark);
    if (left.length === 0) return;
    for (const pid of left) kill(pid);
  }
}

function processesOf(mark: string): readonly number[] {
  if (process.platform !== 'linux') return [];
  const entry = `${variable}=${mark}`;
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      // Of one that has died nothing is left to read.
      return readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(entry)
        ? [Number(name)]
        : [];
    } catch {
      return [];
    }
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
