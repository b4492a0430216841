import { readFileSync } from 'node:fs';

/** Inits that run one child and end with it. */
const oneChildInits = ['tini', 'dumb-init', 'docker-init', 'catatonit'];

/**
 * Why this process cannot be replaced by one that it starts: the container, or
 * the init above it, ends when this process does, and the new one with it.
 * `undefined` where it can.
 */
export function endsWithThisProcess(): string | undefined {
  const advice = 'Run the service under `graceful run`, which holds the sockets and stays.';
  if (process.pid === 1) return `this process is PID 1: its end is the end of the container. ${advice}`;
  const above = commandOf(process.ppid);
  if (above !== undefined && oneChildInits.includes(above)) {
    return `this process was started by ${above}, which ends when its child does. ${advice}`;
  }
  return undefined;
}

/** proc(5): the name of a program, as far as the kernel keeps it. */
function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
