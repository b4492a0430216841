import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ShutdownReport } from '@graceful/core';
import { type Address, Connection, within } from '@graceful/conformance/client';
import { type LogLine, LogLines } from '../examples/log-lines.js';
import type { Exit } from '../harness/service-process.js';
import type { ClientServiceConfig } from './config.js';

const patienceMs = 30_000;

/** Another Node than ours, to run the services with. */
const node = process.env['GRACEFUL_TEST_NODE'] ?? process.execPath;
const program = fileURLToPath(new URL('../../dist/companion-client/service.js', import.meta.url));

/** A service with a client of a companion, as a real process. */
export class ClientService implements AsyncDisposable {
  readonly log: LogLines;
  readonly #child: ChildProcess;
  readonly #exited: Promise<Exit>;
  #stderr = '';
  #port = 0;

  /** Resolves when it listens, or has nothing else to do. */
  static async start(config: ClientServiceConfig): Promise<ClientService> {
    const service = new ClientService(config);
    try {
      const { port } = await service.log.until('a begin', ({ msg }) => msg === 'the program has begun');
      service.#port = port ?? 0;
    } catch (error) {
      await service[Symbol.asyncDispose]();
      throw error;
    }
    return service;
  }

  private constructor(config: ClientServiceConfig) {
    this.#child = spawn(node, [program], {
      // Nothing of the test runner's own environment: a service must not know that it is tested.
      env: { PATH: process.env['PATH'], NODE_ENV: 'production', GRACEFUL_TEST: JSON.stringify(config) },
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

  get address(): Address {
    return { host: '127.0.0.1', port: this.#port, tls: false };
  }

  get stderr(): string {
    return this.#stderr;
  }

  get report(): ShutdownReport | undefined {
    return this.log.all.find(({ report }) => report)?.report;
  }

  /** What it has logged of its companion. */
  get saidOfCompanion(): readonly string[] {
    return this.log.all.flatMap(({ msg }) => (msg.includes('companion') ? [msg] : []));
  }

  logged(message: string | RegExp): Promise<LogLine> {
    return this.log.until(String(message), ({ msg }) =>
      typeof message === 'string' ? msg.includes(message) : message.test(msg),
    );
  }

  state(name: string): Promise<LogLine> {
    return this.log.until(`state ${name}`, ({ state }) => state === name);
  }

  /** The status of an answer to a request of its own connection. */
  async ask(path: string): Promise<number> {
    const connection = await Connection.open(this.address);
    const { status } = await connection.ask({ path });
    connection.close();
    return status;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  exit(): Promise<Exit> {
    return within(patienceMs, 'the exit', this.#exited);
  }

  /** However the test ended: nothing outlives it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
