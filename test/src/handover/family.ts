import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { watch } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Address, Connection, within } from '@graceful/conformance/client';
import type { Bound, FamilyConfig, Notice, Request } from './config.js';
import { isAlive, kinOf, markVariable } from './kin.js';

/** Another Node than ours, to run the services with. */
export const testNode: string = process.env['GRACEFUL_TEST_NODE'] ?? process.execPath;

/** What is started where nothing else is said. */
export const program: string = fileURLToPath(new URL('../../dist/handover/service/main.js', import.meta.url));

const patienceMs = 20_000;

/** How a family begins. */
export interface Beginning {
  /** Instead of Node and the service. */
  readonly command?: readonly string[];
  readonly cwd?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** The first one is not waited for. */
  readonly unattended?: boolean;
}

/** Who answered, as the service tells it. */
export interface Answer {
  readonly pid: number;
  readonly generation: number;
  readonly bytes: number;
}

type Kind<Type extends Notice['type']> = Extract<Notice, { type: Type }>;

/** A service and all that descend from it, each of which says what it does on the one standard output. */
export class Family {
  /** Everything that was said, in order. */
  readonly notices: Notice[] = [];
  /** A folder of its own, for sockets and pid files; at the end it must be empty. */
  readonly folder: string;
  readonly #control: string;
  readonly #mark = randomUUID();
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  readonly #silent: Promise<void>;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  #over = false;
  #stderr = '';

  constructor(config: FamilyConfig, folder: string, { command, cwd, environment = {} }: Beginning) {
    this.folder = folder;
    this.#control = mkdtempSync(join(tmpdir(), 'graceful-c-'));
    const [first = testNode, ...args] = command ?? [testNode, program];
    this.#child = spawn(first, args, {
      cwd,
      // Nothing of the test runner's own environment.
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'production',
        HANDOVER_TEST: JSON.stringify(config),
        HANDOVER_CONTROL: this.#control,
        [markVariable]: this.#mark,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.exited = within(2 * patienceMs, 'the exit', once(this.#child, 'exit')).then(([code, signal]) => ({
      code,
      signal,
    }));
    this.exited.catch(() => {});
    const { stdout, stderr } = this.#child;
    if (!stdout || !stderr) throw new Error('Expected a process with an output.');
    stderr.setEncoding('utf8').on('data', (said: string) => void (this.#stderr += said));
    createInterface({ input: stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      this.notices.push(JSON.parse(line) as Notice);
      for (const look of this.#waiting) look();
    });
    // Closed when nobody is left who has it: the family has died out.
    this.#silent = once(stdout, 'close').then(() => {
      this.#over = true;
      for (const look of this.#waiting) look();
    });
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('Expected a process that runs.');
    return pid;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Nobody reads any more what the service writes: its pipe is broken. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  /** A path in the folder. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** The first notice of this type that matches, past or to come. */
  until<Type extends Notice['type']>(
    type: Type,
    matches: Partial<Kind<Type>> | ((notice: Kind<Type>) => boolean) = {},
  ): Promise<Kind<Type>> {
    const fits = (notice: Notice): notice is Kind<Type> =>
      notice.type === type &&
      (typeof matches === 'function'
        ? matches(notice as Kind<Type>)
        : Object.entries(matches).every(([name, value]) => (notice as never)[name] === value));
    const what = `"${type}" ${typeof matches === 'function' ? '' : JSON.stringify(matches)}`;
    const coming = new Promise<Kind<Type>>((resolve, reject) => {
      const look = () => {
        const found = this.notices.find(fits);
        if (found === undefined && !this.#over) return;
        this.#waiting.delete(look);
        if (found === undefined) reject(new Error(`nobody left to say ${what}`));
        else resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
    return within(patienceMs, what, coming);
  }

  /** All notices of a type. */
  all<Type extends Notice['type']>(type: Type): Kind<Type>[] {
    return this.notices.filter((notice): notice is Kind<Type> => notice.type === type);
  }

  /** How the upgrade to `generation` ended. */
  outcome(generation: number): Promise<Kind<'stage'>> {
    return this.until('stage', ({ stage, to }) => to === generation && ['success', 'failed'].includes(stage));
  }

  /** Where a listener is, by its name. */
  address(name = 'http', { tls = false }: { readonly tls?: boolean } = {}): Address {
    const bound: Bound | undefined = this.all('ready')
      .flatMap(({ addresses }) => addresses[name] ?? [])
      .at(-1);
    if (bound === undefined) throw new Error(`Expected something that listens as ${name}.`);
    return {
      host: '127.0.0.1',
      port: bound.port ?? 0,
      tls,
      ...(bound.path !== undefined && { path: bound.path }),
    };
  }

  /** Ask the service on a connection of its own. */
  async ask(path = '/', address: Address = this.address()): Promise<Answer> {
    const connection = await Connection.open(address);
    try {
      return JSON.parse((await within(patienceMs, 'an answer', connection.ask({ path }))).body) as Answer;
    } finally {
      connection.destroy();
    }
  }

  signal(signal: NodeJS.Signals, pid: number = this.pid): void {
    process.kill(pid, signal);
  }

  /** Ask one of the family, on its own socket. */
  async tell<Value>(request: Request, pid: number = this.pid): Promise<Value> {
    const socket = connect(join(this.#control, `${pid}.sock`));
    const answered = new Promise<Value>((resolve, reject) => {
      let said = '';
      socket.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.endsWith('\n')) resolve(JSON.parse(said) as Value);
      });
      socket.on('error', reject);
      socket.on('close', () => reject(new Error(`process ${pid} did not answer "${request.do}"`)));
    });
    socket.write(`${JSON.stringify(request)}\n`);
    try {
      return await within(patienceMs, `an answer to "${request.do}"`, answered);
    } finally {
      socket.destroy();
    }
  }

  /** The number in the pid file. */
  pidFile(name = 'pid'): number | undefined {
    try {
      return Number(readFileSync(this.path(name), 'utf8'));
    } catch {
      return undefined;
    }
  }

  /** Resolves when the pid file names this process. */
  async pidFileNames(pid: number, name = 'pid'): Promise<void> {
    const over = new AbortController();
    const changes = watch(this.folder, { signal: over.signal });
    const named = (async () => {
      if (this.pidFile(name) === pid) return;
      for await (const _change of changes) if (this.pidFile(name) === pid) return;
    })();
    try {
      await within(patienceMs, `a pid file with ${pid}`, named);
    } finally {
      over.abort();
    }
  }

  /** Resolves when SIGTERM waits for a process that is stopped; nothing tells but proc(5). */
  async isSentTerm(pid: number): Promise<void> {
    const lastly = performance.now() + patienceMs;
    const bit = 1 << (constants.signals.SIGTERM - 1);
    for (;;) {
      const pending =
        /^ShdPnd:\s+([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
      if ((Number.parseInt(pending.slice(-8), 16) & bit) !== 0) return;
      if (performance.now() > lastly) throw new Error(`waited ${patienceMs} ms for SIGTERM to ${pid}`);
      await pause(5);
    }
  }

  /** Resolves when this process is no more; nothing tells that of one that is nobody's child here. */
  async gone(pid: number): Promise<void> {
    const lastly = performance.now() + patienceMs;
    while (isAlive(pid)) {
      if (performance.now() > lastly) throw new Error(`waited ${patienceMs} ms for the end of ${pid}`);
      await pause(5);
    }
  }

  /** All that live. */
  get kin(): number[] {
    return kinOf(this.#mark);
  }

  /** Resolves when nobody is left. */
  async diedOut(): Promise<void> {
    await within(patienceMs, 'the end of all of them', this.#silent);
    for (const pid of this.kin) await this.gone(pid);
  }

  /** SIGTERM to whoever serves, and nothing may be left: no process, no path. */
  async leave(): Promise<void> {
    const active = this.all('state').findLast(({ state, pid }) => state === 'ready' && isAlive(pid));
    if (active) this.signal('SIGTERM', active.pid);
    await this.diedOut();
    const left = readdirSync(this.folder);
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
  }

  /** However it went: nobody and nothing stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (;;) {
      const left = this.kin;
      for (const pid of left) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It has gone by itself.
        }
      }
      if (left.length === 0) break;
      await pause(5);
    }
    await this.#silent;
    rmSync(this.#control, { recursive: true, force: true });
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Everything that was said, for an error. */
  get story(): string {
    return `${this.notices.map((notice) => JSON.stringify({ ...notice, environment: undefined })).join('\n')}\n${this.#stderr}`;
  }
}

/**
 * Start a service, let `act` act, and see it leave. `config` is given a folder
 * for its paths. Nothing outlives this, and nothing may be left behind.
 */
export async function withFamily(
  config: FamilyConfig | ((folder: string) => FamilyConfig),
  act: (family: Family) => Promise<void>,
  beginning: Beginning | ((folder: string) => Beginning) = {},
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'graceful-h-'));
  const begun = typeof beginning === 'function' ? beginning(folder) : beginning;
  const family = new Family(typeof config === 'function' ? config(folder) : config, folder, begun);
  try {
    if (!begun.unattended) await family.until('ready');
    await act(family);
    await family.leave();
  } catch (error) {
    if (error instanceof Error) error.message += `\n${family.story}`;
    throw error;
  } finally {
    await family[Symbol.asyncDispose]();
  }
}
