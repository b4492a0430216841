import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ShutdownReport } from '@graceful/core';
import { type Address, freePort, within } from '@graceful/conformance/client';
import type { Exit } from '../harness/service-process.js';
import { type LogLine, LogLines } from './log-lines.js';

export type ExampleName =
  | 'config-reload'
  | 'express-postgres'
  | 'fastify-minimal'
  | 'node-http'
  | 'websocket';

const patienceMs = 30_000;
/** Another Node than ours, to run the examples with; as in `service-process.ts`. */
const node = process.env['GRACEFUL_TEST_NODE'] ?? process.execPath;

/** An example as its `pnpm start` runs it, once it is built: one process, known by its port and its log. */
export class ExampleProcess {
  readonly address: Address;
  readonly log: LogLines;
  readonly #child: ChildProcess;
  readonly #exited: Promise<Exit>;
  #stderr = '';

  /** Resolves when it says that it is ready. */
  static async start(name: ExampleName, env: Readonly<Record<string, string>> = {}): Promise<ExampleProcess> {
    const example = await ExampleProcess.launch(name, env);
    try {
      await example.state('ready');
    } catch (error) {
      await example.destroy();
      throw error;
    }
    return example;
  }

  /** Resolves when it is started, whatever becomes of it. */
  static async launch(
    name: ExampleName,
    env: Readonly<Record<string, string>> = {},
  ): Promise<ExampleProcess> {
    return new ExampleProcess(name, await freePort(), env);
  }

  private constructor(name: ExampleName, port: number, env: Readonly<Record<string, string>>) {
    this.address = { host: '127.0.0.1', port, tls: false };
    const folder = fileURLToPath(new URL(`../../../examples/${name}`, import.meta.url));
    this.#child = spawn(node, programOf(folder), {
      cwd: folder,
      // Nothing of the test runner's own environment: a service must not know that it is tested.
      env: { PATH: process.env['PATH'], NODE_ENV: 'production', PORT: String(port), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (!this.#child.stdout) throw new Error('Expected a process with a standard output.');
    this.log = new LogLines(this.#child.stdout);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => void (this.#stderr += text));
    this.#exited = this.#untilExit();
  }

  async #untilExit(): Promise<Exit> {
    const closed = once(this.#child, 'close');
    const [code, signal] = (await once(this.#child, 'exit')) as [number | null, NodeJS.Signals | null];
    const at = performance.now();
    // The last lines may come after the exit.
    await closed;
    this.log.end(`exit ${code ?? signal}\n${this.#stderr}`);
    return { code, signal, at };
  }

  get stderr(): string {
    return this.#stderr;
  }

  get report(): ShutdownReport | undefined {
    return this.log.all.find(({ report }) => report)?.report;
  }

  state(name: string): Promise<LogLine> {
    return this.log.until(`state ${name}`, ({ state }) => state === name);
  }

  terminate(): void {
    this.#child.kill('SIGTERM');
  }

  exit(): Promise<Exit> {
    return within(patienceMs, 'the exit', this.#exited);
  }

  /** However the test ended: nothing outlives it. */
  async destroy(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#exited;
  }
}

/** What `start` runs once it has built: the test and the README must not part ways. */
function programOf(folder: string): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as {
    scripts: { start: string };
  };
  const [, program] = /^tsc -b && node (\S+)$/.exec(scripts.start) ?? [];
  if (program === undefined) throw new Error(`Expected to know how to start it, got ${scripts.start}`);
  return [program];
}
