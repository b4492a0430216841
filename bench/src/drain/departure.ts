import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { ServiceProcess } from '../service/process.js';

/** How a process ended. */
export interface Exit {
  /** The exit code, or the signal that ended it; `undefined`: it did not, and had to be killed. */
  readonly how: string | undefined;
  /** By `performance.now()`. */
  readonly at: number;
}

async function exitOf(child: ChildProcess): Promise<{ how: string; at: number }> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return { how: String(code ?? signal), at: performance.now() };
}

/** Send SIGTERM, and wait until the process ended; at most `limitMs`, after which it is killed. */
export async function stop({ child }: ServiceProcess, limitMs: number): Promise<Exit> {
  const exit = exitOf(child);
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, limitMs);
  child.kill('SIGTERM');
  const { how, at } = await exit;
  clearTimeout(limit);
  return { how: late ? undefined : how, at };
}
