import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ShutdownReport } from '@graceful/core';
import { type Address, within } from '@graceful/conformance/client';
import type { Adapter } from './adapters.js';
import { type Noted, Notices } from './notices.js';
import type { Command, Posted, ServiceConfig } from './protocol.js';

/** How the process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly at: number;
}

/** Puts another program around the service: a namespace, a terminal. */
export type Wrap = (command: readonly string[]) => readonly string[];

const patienceMs = 30_000;

/** Another Node than ours, to run the services with. */
const node = process.env['GRACEFUL_TEST_NODE'] ?? process.execPath;

function programOf(adapter: Adapter): string {
  // A whole URL stands for itself.
  return fileURLToPath(new URL(`${adapter.program}.js`, new URL('../../dist/services/', import.meta.url)));
}

/** A service as a real process, and all that is known of it. */
export class ServiceProcess {
  readonly notices: Notices = new Notices();
  readonly adapter: Adapter;
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  #stdout = '';
  #stderr = '';

  static async start(
    adapter: Adapter,
    config: ServiceConfig,
    wrap: Wrap = (command) => command,
  ): Promise<ServiceProcess> {
    const service = new ServiceProcess(adapter, config, wrap);
    await service.notices.until(
      'the program',
      ({ type }) => type === (config.listensWhenTold ? 'loaded' : 'ready'),
    );
    return service;
  }

  private constructor(adapter: Adapter, config: ServiceConfig, wrap: Wrap) {
    this.adapter = adapter;
    const [command = node, ...args] = wrap([node, programOf(adapter)]);
    // Nothing of the test runner's own environment: a service must not know that it is tested.
    const env = { PATH: process.env['PATH'], NODE_ENV: 'production', GRACEFUL_TEST: JSON.stringify(config) };
    this.child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe', 'ipc'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => void (this.#stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => void (this.#stderr += text));
    this.child.on('message', (posted) => this.notices.add(posted as Posted));
    this.exited = this.#untilExit();
  }

  async #untilExit(): Promise<Exit> {
    const closed = once(this.child, 'close');
    const [code, signal] = (await once(this.child, 'exit')) as [number | null, NodeJS.Signals | null];
    const at = performance.now();
    // The last lines may come after the exit.
    await closed;
    this.notices.end(`exit ${code ?? signal}\n${this.#stdout}${this.#stderr}`);
    return { code, signal, at };
  }

  get pid(): number {
    const { pid } = this.child;
    if (pid === undefined) throw new Error('Expected a process that runs.');
    return pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Its own address, or that of the second server. */
  address(server: 0 | 1 = 0): Address {
    const port = this.notices.all
      .flatMap(({ notice }) => (notice.type === 'ready' ? notice.ports : []))
      .at(server);
    if (port === undefined) throw new Error('Expected a service that listens.');
    // The second server speaks as the first does, but for an adapter that makes it itself.
    return { host: '127.0.0.1', port, tls: this.adapter.tls };
  }

  tell(command: Command): void {
    this.child.send(command);
  }

  release(id: string): void {
    this.tell({ type: 'release', id });
  }

  /** Whether it listens, once that is known. */
  async listens(): Promise<boolean> {
    const { notice } = await this.notices.until('an outcome of listen()', ({ type }) => {
      return type === 'ready' || type === 'listen-failed';
    });
    return notice.type === 'ready';
  }

  state(name: string): Promise<Noted> {
    return this.notices.until(`state ${name}`, (notice) => notice.type === 'state' && notice.state === name);
  }

  entered(id: string): Promise<Noted> {
    return this.notices.until(`request ${id}`, (notice) => notice.type === 'entered' && notice.id === id);
  }

  finished(id: string): Promise<Noted> {
    return this.notices.until(`answer ${id}`, (notice) => notice.type === 'finished' && notice.id === id);
  }

  hook(name: string, at: 'begin' | 'end'): Promise<Noted> {
    return this.notices.until(
      `${at} of hook ${name}`,
      (notice) => notice.type === 'hook' && notice.name === name && notice.at === at,
    );
  }

  /** The report, as the service handed it to its listeners. */
  get report(): ShutdownReport | undefined {
    return this.notices.all.flatMap(({ notice }) => (notice.type === 'report' ? notice.report : [])).at(0);
  }

  furtherSignal(signal: string): Promise<Noted> {
    return this.notices.until(
      `further ${signal}`,
      (notice) => notice.type === 'signal' && notice.signal === signal && !notice.first,
    );
  }

  exit(): Promise<Exit> {
    return within(patienceMs, 'the exit', this.exited);
  }

  /** However the test ended: nothing outlives it. */
  async destroy(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.exited;
  }
}
