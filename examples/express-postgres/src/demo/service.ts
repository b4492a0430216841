import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ShutdownReport } from '@graceful/express';
import type { Listening } from '../parent.js';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** On the clock of `performance.now()`. */
  readonly at: number;
  /** From the service's log; absent when it never wrote one. */
  readonly report: ShutdownReport | undefined;
  /** The end of the log, for when something went wrong. */
  readonly lastLines: readonly string[];
}

export interface Service {
  readonly pid: number;
  readonly port: number;
  readonly exited: Promise<Exit>;
  kill(signal: NodeJS.Signals): void;
}

/** The orders service, as a process of its own. */
export async function startService(databaseUrl: string): Promise<Service> {
  const child = fork(new URL('../server.js', import.meta.url), {
    env: { ...process.env, PORT: '0', DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const exited = exit(child);
  const port = await Promise.race([listening(child), exited.then(neverListened)]);
  return { pid: child.pid ?? 0, port, exited, kill: (signal) => void child.kill(signal) };
}

async function listening(child: ChildProcess): Promise<number> {
  const [message]: Listening[] = await once(child, 'message');
  return message!.port;
}

function neverListened({ code, signal, lastLines }: Exit): never {
  throw new Error(`the service ended with ${code ?? signal} before it listened:\n${lastLines.join('\n')}`);
}

async function exit(child: ChildProcess): Promise<Exit> {
  let report: ShutdownReport | undefined;
  const lastLines: string[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => {
    lastLines.push(line);
    if (lastLines.length > 10) lastLines.shift();
    report ??= reportIn(line);
  });
  let at = 0;
  child.once('exit', () => (at = performance.now()));
  // `close` comes after `exit`: the log has been read to its end.
  const [code, signal] = await once(child, 'close');
  return { code, signal, at, report, lastLines };
}

function reportIn(line: string): ShutdownReport | undefined {
  try {
    const entry: { report?: ShutdownReport } = JSON.parse(line);
    return entry.report;
  } catch {
    return undefined;
  }
}
