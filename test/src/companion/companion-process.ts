import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DrainReceipt } from '@graceful/companion/receipts';
import type { InstanceState, PodState } from '@graceful/companion/protocol';
import { type Address, Connection, within } from '@graceful/conformance/client';
import { LogLines } from '../examples/log-lines.js';
import type { Exit } from '../harness/service-process.js';
import { type Answer, ask } from './ask.js';
import type { CompanionConfig } from './config.js';
import { Member } from './member.js';

const patienceMs = 30_000;

/** Another Node than ours, to run the companion with. */
const node = process.env['GRACEFUL_TEST_NODE'] ?? process.execPath;
const program = fileURLToPath(new URL('../../dist/companion/companion-program.js', import.meta.url));

/** A line of what it logs about its start. */
interface Started {
  readonly kubelet: Address;
  readonly metrics?: Address;
}

/** What `GET /v1/state` tells, as far as tests look at it. */
export interface PodStatus {
  readonly pod: PodState;
  readonly epoch: number;
  readonly instances: readonly {
    readonly name: string;
    readonly state: InstanceState;
    readonly id: string;
  }[];
}

/** A place for companions that come after each other, in one pod. */
export class PodFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'pod-'));

  get socket(): string {
    return join(this.path, 'run', 'control.sock');
  }

  get receiptsFile(): string {
    return join(this.path, 'receipts.ndjson');
  }

  get receipts(): DrainReceipt[] {
    return readFileSync(this.receiptsFile, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as DrainReceipt);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A companion as a real process. */
export class CompanionProcess implements AsyncDisposable {
  readonly folder: PodFolder;
  readonly log: LogLines;
  readonly #child: ChildProcess;
  readonly #exited: Promise<Exit>;
  #started: Started | undefined;
  #stderr = '';

  /** Resolves when its sockets listen. */
  static async start(folder: PodFolder, config: CompanionConfig = {}): Promise<CompanionProcess> {
    const companion = new CompanionProcess(folder, config);
    try {
      const line = await companion.log.until('a start', ({ msg }) => msg.startsWith('companion listens on'));
      companion.#started = line as unknown as Started;
    } catch (error) {
      await companion[Symbol.asyncDispose]();
      throw error;
    }
    return companion;
  }

  private constructor(folder: PodFolder, config: CompanionConfig) {
    this.folder = folder;
    const wanted: CompanionConfig = {
      socket: folder.socket,
      kubelet: { host: '127.0.0.1', port: 0 },
      metrics: { host: '127.0.0.1', port: 0 },
      receipts: { file: folder.receiptsFile, terminationLog: false },
      podName: 'orders-1',
      podUid: 'uid-1',
      ...config,
    };
    this.#child = spawn(node, [program], {
      // Nothing of the test runner's own environment.
      env: { PATH: process.env['PATH'], GRACEFUL_TEST: JSON.stringify(wanted) },
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
    await closed;
    this.log.end(`exit ${code ?? signal}\n${this.#stderr}`);
    return { code, signal, at };
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('Expected a process that runs.');
    return pid;
  }

  /** What it complained of. */
  get stderr(): string {
    return this.#stderr;
  }

  /** The control socket, for a client. */
  get control(): Address {
    return { host: 'localhost', port: 0, tls: false, path: this.folder.socket };
  }

  /** The port of the probes. */
  get kubelet(): Address {
    return { ...this.#addresses().kubelet, tls: false };
  }

  get metricsAddress(): Address {
    const { metrics } = this.#addresses();
    if (!metrics) throw new Error('Expected it to have a port for metrics.');
    return { ...metrics, tls: false };
  }

  #addresses(): Started {
    if (!this.#started) throw new Error('Expected it to have been started.');
    return this.#started;
  }

  /** One question on a connection of its own, over the control socket. */
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return ask(this.control, {
      method,
      path,
      ...(body === undefined
        ? { headers }
        : { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }),
    });
  }

  /** What a probe is answered. */
  probe(path: string): Promise<Answer> {
    return ask(this.kubelet, { path });
  }

  async scrape(): Promise<string> {
    const connection = await Connection.open(this.metricsAddress);
    const { body } = await connection.ask({ path: '/metrics' });
    connection.destroy();
    return body;
  }

  async state(): Promise<PodStatus> {
    return (await this.ask('GET', '/v1/state')).body as PodStatus;
  }

  /** A service in any language: it registers, and listens to its stream. */
  join(registration: Readonly<Record<string, unknown>> = {}): Promise<Member> {
    return Member.join(this.control, { name: 'orders', ...registration });
  }

  /** Until it is so; the companion waits, not the test. */
  async until(goal: string, name?: string): Promise<void> {
    const of = name === undefined ? '' : `&of=${name}`;
    const { status } = await this.ask('GET', `/v1/wait?for=${goal}&timeoutMs=${patienceMs}${of}`);
    if (status !== 200) throw new Error(`Expected ${name ?? 'the pod'} to be ${goal}, got ${status}.`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  exit(): Promise<Exit> {
    return within(patienceMs, 'the exit of the companion', this.#exited);
  }

  /** However the test ended: nothing outlives it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
