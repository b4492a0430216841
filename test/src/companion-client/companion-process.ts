import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CompanionOptions } from '@graceful/companion';
import { type DrainReceipt, readReceipts } from '@graceful/companion/receipts';
import { within } from '@graceful/conformance/client';
import { LogLines } from '../examples/log-lines.js';

const patienceMs = 30_000;
const program = fileURLToPath(new URL('../../dist/companion-client/companion-program.js', import.meta.url));

/** What is answered at the control socket. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A companion as a real process, in a folder that outlives it. */
export class CompanionProcess implements AsyncDisposable {
  readonly socket: string;
  readonly log: LogLines;
  readonly #file: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  #stderr = '';

  /** Resolves when it can be asked. */
  static async start(folder: string, options: Partial<CompanionOptions> = {}): Promise<CompanionProcess> {
    const companion = new CompanionProcess(folder, options);
    try {
      await companion.log.until('a companion', ({ msg }) => msg === 'the companion has begun');
    } catch (error) {
      await companion[Symbol.asyncDispose]();
      throw error;
    }
    return companion;
  }

  private constructor(folder: string, options: Partial<CompanionOptions>) {
    this.socket = socketIn(folder);
    this.#file = join(folder, 'receipts.ndjson');
    const config: Partial<CompanionOptions> = {
      socket: this.socket,
      kubelet: { host: '127.0.0.1', port: 0 },
      stateFile: join(folder, 'control', 'state.json'),
      podName: 'orders-1',
      podUid: 'u1',
      receipts: { file: this.#file, terminationLog: false },
      ...options,
    };
    this.#child = spawn(process.execPath, [program], {
      env: { PATH: process.env['PATH'], NODE_ENV: 'production', GRACEFUL_TEST: JSON.stringify(config) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (!this.#child.stdout) throw new Error('Expected a process with a standard output.');
    this.log = new LogLines(this.#child.stdout);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => void (this.#stderr += text));
    this.#exited = once(this.#child, 'exit').then(([code, signal]) => {
      this.log.end(`exit ${code as number | null}\n${this.#stderr}`);
      return { code: code as number | null, signal: signal as NodeJS.Signals | null };
    });
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Ask at the control socket. */
  ask(method: string, path: string, body?: object): Promise<Answer> {
    return ask(this.socket, method, path, body);
  }

  /** Resolves when the instance called `name` is where it is wanted. */
  async reached(what: 'ready' | 'lame-duck' | 'drained' | 'gone', name = 'orders'): Promise<void> {
    const { status } = await this.ask('GET', `/v1/wait?for=${what}&of=${name}&timeoutMs=${patienceMs}`);
    if (status !== 200) throw new Error(`Expected ${name} to be ${what}, got ${status}`);
  }

  /** Resolves when what it tells of the instance called `name` is as wanted. */
  async seen(name: string, wanted: (instance: Readonly<Record<string, unknown>>) => boolean): Promise<void> {
    const until = performance.now() + patienceMs;
    while (performance.now() < until) {
      const { body } = await this.ask('GET', '/v1/state');
      const { instances } = body as { instances: Readonly<Record<string, unknown>>[] };
      if (instances.some((instance) => instance['name'] === name && wanted(instance))) return;
    }
    throw new Error(`Expected something else of ${name}`);
  }

  /** Those that it has written to its file. */
  async receipts(): Promise<readonly DrainReceipt[]> {
    return (await readReceipts([this.#file])).receipts;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  exit(): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
    return within(patienceMs, 'the exit of the companion', this.#exited);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#exited;
  }
}

/** Where a companion with this folder listens. */
export function socketIn(folder: string): string {
  return join(folder, 'control', 'control.sock');
}

function ask(socketPath: string, method: string, path: string, body: object | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request({ socketPath, method, path, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => void (text += piece));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status = 0 } = response;
        resolve({ status, body: text === '' ? undefined : JSON.parse(text) });
      });
    });
    sent.on('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}
