import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Debian puts servers where a user's PATH does not lead. */
export const env: NodeJS.ProcessEnv = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };

/** A server of the system in the foreground, and what it says: on standard error, for no file is its log. */
export class Foreground {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #waiting = new Set<() => void>();
  #log = '';
  #over = false;

  constructor(command: string, args: readonly string[], cwd: string) {
    this.#child = spawn(command, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
      this.#look();
    });
    // A command that is not there has no exit.
    this.#exited = once(this.#child, 'close').catch((error: unknown) => (this.#log += String(error)));
    void this.#exited.then(() => {
      this.#over = true;
      this.#look();
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Everything that it has said. */
  get log(): string {
    return this.#log;
  }

  /**
   * Resolves when it says `what`, after the first `from` characters of its log.
   *
   * @throws Error when it ends before, with all that it said
   */
  async says(what: string, from: number = 0): Promise<void> {
    while (!this.#log.includes(what, from)) {
      if (this.#over) throw new Error(`ended, and never said "${what}":\n${this.#log}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Send it a signal that does not end it. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** End it, and wait until it has gone. */
  async end(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#exited;
  }

  #look(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
