import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { within } from '@graceful/conformance/client';
import type { ConfigCommand, ConfigNotice, ConfigServiceOptions } from './protocol.js';

type Type = ConfigNotice['type'];
/** The notice of that type. */
export type NoticeOf<T extends Type> = Extract<ConfigNotice, { type: T }>;

const patienceMs = 20_000;
/** Another Node than ours; as in `service-process.ts`. */
const node = process.env['GRACEFUL_TEST_NODE'] ?? process.execPath;
/** What it runs. */
export const configProgram: string = fileURLToPath(new URL('../../dist/config/service.js', import.meta.url));

/** Who runs it, and in what. */
export interface Surroundings {
  readonly uid?: number;
  /** Puts another program around it. */
  readonly wrap?: (command: readonly string[]) => readonly string[];
}

/** The service that watches a configuration, as a real process, and all that it has told. */
export class ConfigProcess {
  readonly all: ConfigNotice[] = [];
  readonly #child: ChildProcess;
  readonly #disconnected: Promise<unknown>;
  readonly #waiting = new Set<() => void>();
  #ended: string | undefined;
  #stderr = '';

  /** Resolves when it has a value. */
  static async start(options: ConfigServiceOptions, surroundings: Surroundings = {}): Promise<ConfigProcess> {
    const service = new ConfigProcess(options, surroundings);
    await service.until('ready');
    return service;
  }

  constructor(options: ConfigServiceOptions, { uid, wrap = (command) => command }: Surroundings = {}) {
    const [command = node, ...args] = wrap([node, configProgram]);
    this.#child = spawn(command, args, {
      // Nothing of the test runner's own environment: a service must not know that it is tested.
      env: { PATH: process.env['PATH'], NODE_ENV: 'production', GRACEFUL_TEST: JSON.stringify(options) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      ...(uid !== undefined && { uid, gid: uid }),
    });
    this.#disconnected = once(this.#child, 'disconnect');
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => void (this.#stderr += text));
    this.#child.on('message', (notice: ConfigNotice) => {
      this.all.push(notice);
      this.#look();
    });
    this.#child.on('close', (code, signal) => {
      this.#ended = `exit ${code ?? signal}\n${this.#stderr}`;
      this.#look();
    });
  }

  of<T extends Type>(type: T): NoticeOf<T>[] {
    return this.all.filter((notice): notice is NoticeOf<T> => notice.type === type);
  }

  /** The first of that type that matches, past or to come. */
  async until<T extends Type>(
    type: T,
    matches: (notice: NoticeOf<T>) => boolean = () => true,
  ): Promise<NoticeOf<T>> {
    const coming = new Promise<NoticeOf<T>>((resolve, reject) => {
      const look = () => {
        const found = this.of(type).find(matches);
        if (!found && this.#ended === undefined) return;
        this.#waiting.delete(look);
        if (found) resolve(found);
        else reject(new Error(`no "${type}": ${this.#ended}`));
      };
      this.#waiting.add(look);
      look();
    });
    try {
      return await within(patienceMs, `"${type}"`, coming);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${JSON.stringify(this.all.slice(-20), undefined, 1)}`, {
        cause: error,
      });
    }
  }

  /** A change to the content that is number `n`. */
  changeTo(n: number): Promise<NoticeOf<'change'>> {
    return this.until('change', ({ value }) => value.n === n);
  }

  /** The next notice of that type that comes after this call. */
  next<T extends Type>(
    type: T,
    matches: (notice: NoticeOf<T>) => boolean = () => true,
  ): Promise<NoticeOf<T>> {
    const before = new Set(this.all);
    return this.until(type, (notice) => !before.has(notice) && matches(notice));
  }

  tell(command: ConfigCommand): void {
    this.#child.send(command);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** The exit code, or the signal that ended it. */
  async exit(): Promise<number | string | null> {
    if (this.#ended === undefined) await within(patienceMs, 'the exit', once(this.#child, 'close'));
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  /** Nobody holds the other end of the channel any more: the service has ended, whoever was around it. */
  async disconnected(): Promise<void> {
    await within(patienceMs, 'the end of the channel', this.#disconnected);
  }

  /** However the test ended: nothing outlives it. */
  async destroy(): Promise<void> {
    if (this.#ended !== undefined) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }
}
