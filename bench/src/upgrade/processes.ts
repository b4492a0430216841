import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const lookEveryMs = 10;
const variable = 'BENCH_FAMILY';

/** What the kernel tells of a process (proc(5)). */
export interface Seen {
  readonly pid: number;
  readonly parent: number;
}

/**
 * A program and everybody who descends from it, whoever their parents are by
 * now: known by a variable that they were all started with. They are started
 * as an operator starts them, and not by `fork`: without a channel of Node's.
 */
export class Family {
  readonly #mark = randomUUID();
  readonly #children = new Set<ChildProcess>();
  /** Who is none of us; whoever is looks like it from the beginning, for it was forked from one. */
  readonly #others = new Set<string>();

  constructor() {
    process.once('exit', this.#kill);
    // Whoever interrupts the bench wants nobody to go on: an exit, of which a signal by itself is none.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupted);
  }

  /** Start a program of this bench; what it says on standard error is given to `hear`, or goes where ours goes. */
  start(entry: URL, environment: NodeJS.ProcessEnv, hear?: (text: string) => void): ChildProcess {
    const child = spawn(process.execPath, [entry.pathname], {
      stdio: ['ignore', 'ignore', hear ? 'pipe' : 'inherit'],
      env: { ...process.env, ...environment, [variable]: this.#mark },
    });
    if (hear) child.stderr?.setEncoding('utf8').on('data', hear);
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** All that are there, and have not died. */
  members(): Seen[] {
    return readdirSync('/proc').flatMap((name) => {
      if (!/^\d+$/.test(name) || this.#others.has(name)) return [];
      const seen = look(Number(name));
      if (!seen) return [];
      const entries = environmentOf(name);
      if (entries.includes(`${variable}=${this.#mark}`)) return [seen];
      // Without any it is just about to become a program; our own child still is what we are until then.
      if (entries.length > 0 && seen.parent !== process.pid) this.#others.add(name);
      return [];
    });
  }

  /** Kill whoever is left, and wait until they have gone. */
  async end(): Promise<void> {
    process.off('exit', this.#kill);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupted);
    const ends = [...this.#children].map((child) => once(child, 'exit'));
    this.#kill();
    await Promise.all(ends);
    await until('a family to end', () => this.members().length === 0);
  }

  readonly #kill = (): void => {
    for (const { pid } of this.members()) kill(pid, 'SIGKILL');
  };
}

function interrupted(): void {
  process.exit(1);
}

/** Send a signal; to one that is gone, nothing. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has gone in between.
  }
}

/** Whether it is there, and no zombie: not every init waits for orphans. */
export function isAlive(pid: number): boolean {
  return look(pid) !== undefined;
}

/** The processes that serve and hold sockets tell nobody how they are: they are looked at until it is so. */
export async function until(what: string, done: () => boolean, limitMs = 60_000): Promise<void> {
  const lastly = performance.now() + limitMs;
  while (!done()) {
    if (performance.now() > lastly) throw new Error(`waited ${limitMs} ms for ${what}`);
    await pause(lookEveryMs);
  }
}

/** The number in a pid file; `undefined` where there is none. */
export function pidIn(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** What a process costs. */
export interface Cost {
  /** Resident set size, in bytes: what `ps` tells. */
  readonly resident: number;
  /** Of that, what no other process has in memory too, in bytes. */
  readonly own: number;
  /** User and system time so far, in milliseconds. */
  readonly cpuMs: number;
}

export function costOf(pid: number): Cost {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1]) * 1_024;
  // In hundredths of a second, whatever the kernel counts in (USER_HZ).
  const [, user = 0, system = 0] = /^(?:\S+ ){11}(\d+) (\d+)/.exec(afterName(pid))?.map(Number) ?? [];
  return {
    resident: bytes('Rss'),
    own: bytes('Private_Clean') + bytes('Private_Dirty'),
    cpuMs: (user + system) * 10,
  };
}

/** What a process was started with. */
function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').filter(Boolean);
  } catch {
    return [];
  }
}

function look(pid: number): Seen | undefined {
  try {
    const [state, parent] = afterName(pid).split(' ');
    return state === 'Z' || state === 'X' ? undefined : { pid, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

/** `/proc/PID/stat` behind the name, which may hold anything. */
function afterName(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2);
}
