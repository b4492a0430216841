import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Grace } from '../contestant.js';

/** A contestant's server in a process of its own. */
export interface ServiceProcess {
  readonly child: ChildProcess;
  readonly port: number;
}

/** Every child of this run, so that none outlives it, whatever goes wrong here. */
const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** The next message of `child`; an exit before it is an error and not a wait for ever. */
export async function nextMessage<T>(child: ChildProcess): Promise<T> {
  const settled = new AbortController();
  const message = once(child, 'message', settled).then(([value]) => value as T);
  const exit = once(child, 'exit', settled).then(([code, signal]) => {
    throw new Error(`the server process ended before it answered: ${String(code ?? signal)}`);
  });
  // The one that loses the race is called off, and that rejects it.
  exit.catch(() => undefined);
  message.catch(() => undefined);
  try {
    return await Promise.race([message, exit]);
  } finally {
    settled.abort();
  }
}

/** Start a program of this bench, which does not outlive this one. */
export function startProgram(
  entry: URL,
  args: readonly string[],
  { env = {}, execArgv = [] }: { readonly env?: NodeJS.ProcessEnv; readonly execArgv?: string[] } = {},
): ChildProcess {
  // stdout is where a logger writes: nobody reads it here, as nobody waits for it in a container.
  const child = fork(entry, args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production', ...env },
    execArgv,
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Start `entry` with the contestant `id`; resolves when it listens. */
export function startService(entry: URL, id: string, grace: Grace): Promise<ServiceProcess> {
  return startServer(entry, [id, JSON.stringify(grace)]);
}

/** Start `entry`; resolves when it says on which port it listens. */
export async function startServer(entry: URL, words: readonly string[]): Promise<ServiceProcess> {
  const child = startProgram(entry, words);
  const { port } = await nextMessage<{ port: number }>(child);
  return { child, port };
}
