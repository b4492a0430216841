import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Address, within } from '@graceful/conformance/client';

const patienceMs = 30_000;
const folder = fileURLToPath(new URL('../../../examples/companion-clients', import.meta.url));

/** A program of `examples/companion-clients`, as its README starts it. */
export class ExampleClient implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  #output = '';
  #port = 0;

  /** Resolves when it has written a line that matches; `listening on 8080` tells its port. */
  static async start(
    command: readonly [string, ...string[]],
    env: Readonly<Record<string, string>>,
    begun: RegExp,
  ): Promise<ExampleClient> {
    const client = new ExampleClient(command, env);
    try {
      await within(patienceMs, `a begin of ${command.join(' ')}`, client.#until(begun));
    } catch (error) {
      await client[Symbol.asyncDispose]();
      throw error;
    }
    return client;
  }

  private constructor(
    [program, ...args]: readonly [string, ...string[]],
    env: Readonly<Record<string, string>>,
  ) {
    this.#child = spawn(program, args, {
      cwd: folder,
      env: { PATH: process.env['PATH'], PYTHONDONTWRITEBYTECODE: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => void (this.#output += text));
    this.#exited = once(this.#child, 'exit').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
  }

  get address(): Address {
    return { host: '127.0.0.1', port: this.#port, tls: false };
  }

  get stderr(): string {
    return this.#output;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  exit(): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
    return within(patienceMs, `the exit; so far ${this.#output}`, this.#exited);
  }

  async #until(begun: RegExp): Promise<void> {
    if (!this.#child.stdout) throw new Error('Expected a process with a standard output.');
    const lines = createInterface({ input: this.#child.stdout });
    for await (const line of lines) {
      if (!begun.test(line)) continue;
      this.#port = Number(/listening on (\d+)/.exec(line)?.[1] ?? 0);
      return;
    }
    throw new Error(`Expected ${begun}, got the end: ${this.#output}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
