import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ConnectionCounts, ShutdownReport } from '@graceful/core';
import { type Address, within } from '@graceful/conformance/client';
import { type LogLine, LogLines } from '../examples/log-lines.js';
import { Looks } from './looks.js';
import type { SocketCommand, SocketNotice, SocketServiceConfig } from './protocol.js';

const patienceMs = 30_000;
/** Another Node than ours, to run the services with; as in `service-process.ts`. */
const node = process.env['GRACEFUL_TEST_NODE'] ?? process.execPath;

/** A service with upgraded sockets, as a process of its own. */
export class SocketService implements AsyncDisposable {
  readonly log: LogLines;
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;
  readonly #tls: boolean;
  readonly #notices: SocketNotice[] = [];
  readonly #looks = new Looks();
  #stderr = '';
  #port = 0;

  /** Resolves when it listens. */
  static async start(config: SocketServiceConfig): Promise<SocketService> {
    const service = new SocketService(config);
    try {
      const [listening] = await service.#notice('listening', 1);
      service.#port = listening?.port ?? 0;
    } catch (error) {
      await service[Symbol.asyncDispose]();
      throw error;
    }
    return service;
  }

  private constructor(config: SocketServiceConfig) {
    const program = config.stack === 'socket.io' ? 'socket-io-service' : 'ws-service';
    this.#tls = config.stack === 'https';
    this.#child = spawn(
      node,
      [fileURLToPath(new URL(`../../dist/websocket/${program}.js`, import.meta.url))],
      {
        env: { PATH: process.env['PATH'], NODE_ENV: 'production', SOCKET_SERVICE: JSON.stringify(config) },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    );
    if (!this.#child.stdout) throw new Error('Expected a process with a standard output.');
    this.log = new LogLines(this.#child.stdout);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => void (this.#stderr += text));
    this.#child.on('message', (notice: SocketNotice) => {
      this.#notices.push(notice);
      this.#looks.changed();
    });
    this.#exited = this.#untilExit();
  }

  get address(): Address {
    return { host: '127.0.0.1', port: this.#port, tls: this.#tls };
  }

  get report(): ShutdownReport {
    const report = this.log.all.find((line) => line.report)?.report;
    if (!report) throw new Error(`Expected a report, got none.\n${this.#stderr}`);
    return report;
  }

  get stderr(): string {
    return this.#stderr;
  }

  state(name: string): Promise<LogLine> {
    return this.log.until(`state ${name}`, ({ state }) => state === name);
  }

  tell(command: SocketCommand): void {
    this.#child.send(command);
  }

  /** Resolves when `count` clients have come, since the start. */
  async connected(count: number): Promise<void> {
    await this.#notice('connected', count);
  }

  /** Resolves when `count` requests or upgrades were held, since the start. */
  async held(count: number): Promise<void> {
    await this.#notice('held', count);
  }

  /** What its handlers have heard, once that are `count` messages. */
  async heard(count: number): Promise<string[]> {
    return (await this.#notice('heard', count)).map(({ text }) => text);
  }

  /** Let it send to every client; resolves when it has handed that to `send()`. */
  async send(messages: readonly string[], fillerBytes = 0): Promise<void> {
    const before = this.#seen('sent').length;
    this.tell({ type: 'send', messages, fillerBytes });
    await this.#notice('sent', before + 1);
  }

  async connections(): Promise<ConnectionCounts> {
    const before = this.#seen('counted').length;
    this.tell({ type: 'count' });
    const counted = await this.#notice('counted', before + 1);
    return (counted.at(-1) as (typeof counted)[number]).connections;
  }

  terminate(): void {
    this.#child.kill('SIGTERM');
  }

  exit(): Promise<number | null> {
    return within(patienceMs, 'the exit', this.#exited);
  }

  /** However the test ended: nothing outlives it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#exited;
  }

  #seen<Type extends SocketNotice['type']>(type: Type): Extract<SocketNotice, { type: Type }>[] {
    return this.#notices.filter(
      (notice): notice is Extract<SocketNotice, { type: Type }> => notice.type === type,
    );
  }

  async #notice<Type extends SocketNotice['type']>(
    type: Type,
    count: number,
  ): Promise<Extract<SocketNotice, { type: Type }>[]> {
    const gone = this.#exited.then((code) => {
      throw new Error(`no ${count} × ${type}: exit ${code}\n${this.#stderr}`);
    });
    // Nobody may be listening any more when it exits in order.
    gone.catch(() => {});
    await this.#looks.until(`${count} × ${type}`, () => this.#seen(type).length >= count, gone);
    return this.#seen(type).slice(0, count);
  }

  async #untilExit(): Promise<number | null> {
    const closed = once(this.#child, 'close');
    const [code, signal] = (await once(this.#child, 'exit')) as [number | null, string | null];
    // The last lines may come after the exit.
    await closed;
    this.log.end(`exit ${code ?? signal}\n${this.#stderr}`);
    return code;
  }
}
