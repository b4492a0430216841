import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { within } from '@graceful/conformance/client';

const program = fileURLToPath(new URL('../../src/systemd/notify-listener.pl', import.meta.url));
const patienceMs = 30_000;

/** What is missing on this machine for listening as systemd does, and being spoken to; `undefined` where nothing is. */
export function missingForNotices(): string | undefined {
  return ['perl', 'systemd-notify'].find((name) => spawnSync(name, ['--version']).status !== 0);
}

/** Listens for notices in systemd's place. */
export class NotifyListener {
  /** As `NOTIFY_SOCKET` names it. */
  readonly socket: string;
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #heard: string[] = [];
  readonly #watchers = new Set<() => void>();

  /** Listens from then on; gone when the test ends. */
  static async at(socket: string): Promise<NotifyListener> {
    const listener = new NotifyListener(socket);
    onTestFinished(() => listener.end());
    await listener.hears('listens');
    return listener;
  }

  private constructor(socket: string) {
    this.socket = socket;
    this.#child = spawn('perl', [program, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (!this.#child.stdout) throw new Error('Expected a pipe.');
    this.#lines = createInterface(this.#child.stdout);
    this.#lines.on('line', (line) => {
      // systemd-notify asks in a message of its own whether the one before was read.
      if (line !== 'BARRIER=1') this.#heard.push(line);
      for (const watcher of this.#watchers) watcher();
    });
  }

  /** Every message so far, with `\n` between its fields. */
  get heard(): readonly string[] {
    return this.#heard.slice(1);
  }

  /** Resolves when `what` has been heard `times` times. */
  async hears(what: string, times: number = 1): Promise<void> {
    const count = () => this.#heard.filter((line) => line.includes(what)).length;
    const heard = new Promise<void>((resolve) => {
      const watcher = () => {
        if (count() < times) return;
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
      watcher();
    });
    await within(patienceMs, `${times} of ${what} among ${JSON.stringify(this.#heard)}`, heard);
  }

  /** Nobody listens any more. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await exited;
  }
}
