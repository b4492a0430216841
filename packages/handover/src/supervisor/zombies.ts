import { readdirSync, readFileSync } from 'node:fs';

/** Between two looks, in milliseconds. */
const lookMs = 30_000;
/** After a process of ours has ended, whose orphans come to us: a moment, in milliseconds. */
const soonMs = 1_000;

/** A dead process that nobody has waited for. */
export interface Zombie {
  readonly pid: number;
  /** Its program, as far as the kernel keeps the name. */
  readonly name: string;
}

/**
 * Looks for dead children of this process that it did not start (proc(5)). As
 * PID 1 it inherits every orphan, and Node waits only for what it started.
 */
export class ZombieWatch implements Disposable {
  readonly #ours: () => ReadonlySet<number>;
  readonly #found: (zombie: Zombie) => void;
  /** Seen once; a child that Node is about to wait for looks the same for a moment. */
  readonly #suspects = new Set<number>();
  readonly #told = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;

  /**
   * @param ours - the processes that are waited for
   * @param found - told once of each
   */
  constructor(ours: () => ReadonlySet<number>, found: (zombie: Zombie) => void) {
    this.#ours = ours;
    this.#found = found;
  }

  /** Look from now on. This holds the event loop, which nothing else of a supervisor does. */
  begin(): void {
    this.#timer = setInterval(() => this.#look(), lookMs);
  }

  /** How many there are at this moment. */
  get count(): number {
    return zombies(this.#ours()).length;
  }

  /** A process of ours has ended: what it left behind is ours now. */
  lookSoon(): void {
    if (this.#soon) return;
    this.#soon = setTimeout(() => {
      this.#soon = undefined;
      this.#look();
    }, soonMs);
    this.#soon.unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
  }

  #look(): void {
    const found = zombies(this.#ours()).filter(({ pid }) => !this.#told.has(pid));
    const again = found.filter(({ pid }) => this.#suspects.has(pid));
    this.#suspects.clear();
    for (const { pid } of found) this.#suspects.add(pid);
    for (const zombie of again) {
      this.#told.add(zombie.pid);
      this.#found(zombie);
    }
    if (again.length < found.length) this.lookSoon();
  }
}

function zombies(ours: ReadonlySet<number>): Zombie[] {
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
