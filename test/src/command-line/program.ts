import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { within } from '@graceful/conformance/client';

const patienceMs = 30_000;
/** Another Node than ours, to run the command line with; as in `service-process.ts`. */
const node = process.env['GRACEFUL_TEST_NODE'] ?? process.execPath;
const bin = join(dirname(createRequire(import.meta.url).resolve('graceful/package.json')), 'dist', 'bin.js');

/** The words to start the command line with. */
export function gracefulCommand(args: readonly string[]): readonly string[] {
  return [node, bin, ...args];
}

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Another user. */
  readonly uid?: number;
  /** Started by something else, such as a terminal. */
  readonly through?: (command: readonly string[]) => readonly string[];
}

/** How a program ended, and everything it has printed. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** The command line as a process of its own. */
export class Program {
  readonly child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #watchers = new Set<() => void>();
  #out = '';
  #err = '';
  #over = false;

  static start(args: readonly string[], options: ProgramOptions = {}): Program {
    return new Program(gracefulCommand(args), options);
  }

  /** Any other. */
  static of(command: readonly string[], options: ProgramOptions = {}): Program {
    return new Program(command, options);
  }

  private constructor(command: readonly string[], { env, uid, through = (same) => same }: ProgramOptions) {
    const [program = '', ...args] = through(command);
    this.child = spawn(program, args, {
      // Nothing of the test runner's own environment.
      env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(uid !== undefined && { uid, gid: uid, cwd: '/' }),
    });
    this.child.stdout
      ?.setEncoding('utf8')
      .on('data', (text: string) => this.#note(() => (this.#out += text)));
    this.child.stderr
      ?.setEncoding('utf8')
      .on('data', (text: string) => this.#note(() => (this.#err += text)));
    // One that has gone cannot be told anything.
    this.child.stdin?.on('error', () => {});
    this.#closed = once(this.child, 'close').then(() => this.#note(() => (this.#over = true)));
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('Expected a process that was started.');
    return this.child.pid;
  }

  /** The first match in what it prints, be it out or error. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    const found = () => pattern.exec(this.#out) ?? pattern.exec(this.#err);
    return within(
      patienceMs,
      `${String(pattern)} in the output`,
      (async () => {
        for (let match = found(); ; match = found()) {
          if (match) return match;
          if (this.#over) throw new Error(`It ended without ${String(pattern)}: ${this.#out}${this.#err}`);
          await new Promise<void>((resolve) => this.#watchers.add(resolve));
        }
      })(),
    );
  }

  async ended(): Promise<Ended> {
    await within(patienceMs, 'the end of the program', this.#closed);
    const { exitCode: code, signalCode: signal } = this.child;
    return { code, signal, out: this.#out, err: this.#err };
  }

  /** For the end of a test, whatever has become of it. */
  async destroy(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.ended();
  }

  #note(change: () => void): void {
    change();
    for (const wake of this.#watchers) wake();
    this.#watchers.clear();
  }
}

/** Run the command line to its end. */
export function graceful(args: readonly string[], options: ProgramOptions = {}): Promise<Ended> {
  return Program.start(args, options).ended();
}
