import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Address, within } from '@graceful/conformance/client';
import type { GenerationStatus, Outcome, SupervisorStatus } from '@graceful/handover/supervisor';
import type { Wrap } from '../harness/service-process.js';
import { marker, processesOf } from './leftovers.js';
import type { Command, LogLine, Posted, SupervisorConfig } from './protocol.js';

const patienceMs = 50_000;

/** Another Node than ours, to run the services with. */
export const node: string = process.env['GRACEFUL_TEST_NODE'] ?? process.execPath;

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A supervisor as a real process, with its real children; disposing leaves none of them. */
export class SupervisorProcess implements AsyncDisposable {
  readonly id: string = randomUUID();
  readonly child: ChildProcess;
  readonly log: LogLine[] = [];
  /** What became of its start. */
  readonly started: Promise<Outcome>;
  readonly #exited: Promise<Ended>;
  readonly #watchers: (() => void)[] = [];
  readonly #answers = new Map<number, (answer: never) => void>();
  #onStarted!: (outcome: Outcome) => void;
  #asked = 0;
  #stdout = '';
  #stderr = '';
  #ended: Ended | undefined;

  /** Resolves when it serves. */
  static async serving(config: SupervisorConfig, wrap?: Wrap): Promise<SupervisorProcess> {
    const supervisor = new SupervisorProcess(config, wrap);
    const outcome = await within(
      patienceMs,
      'a start',
      Promise.race([supervisor.started, supervisor.#exited]),
    );
    if (!('done' in outcome) || outcome.done !== 'ok') {
      const why = `${JSON.stringify(outcome)}\n${supervisor.output}`;
      await supervisor[Symbol.asyncDispose]();
      throw new Error(`Expected the supervisor to serve, got ${why}`);
    }
    return supervisor;
  }

  constructor(config: SupervisorConfig, wrap: Wrap = (command) => command) {
    const program = fileURLToPath(new URL('../../dist/supervisor/supervisor-program.js', import.meta.url));
    const [command = node, ...args] = wrap([node, program]);
    this.child = spawn(command, args, {
      // Nothing of the test runner's own environment: a service must not know that it is tested.
      env: {
        PATH: process.env['PATH'],
        [marker]: this.id,
        GRACEFUL_TEST_SUPERVISOR: JSON.stringify({ overlapMs: 50, ...config }),
      },
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => void (this.#stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => void (this.#stderr += text));
    this.started = new Promise((resolve) => {
      this.#onStarted = resolve;
    });
    this.child.on('message', (posted: Posted) => this.#hear(posted));
    this.#exited = once(this.child, 'exit').then(([code, signal]) => {
      this.#ended = { code: code as number | null, signal: signal as NodeJS.Signals | null };
      this.#changed();
      return this.#ended;
    });
  }

  get pid(): number {
    const { pid } = this.child;
    if (pid === undefined) throw new Error('Expected a supervisor that runs.');
    return pid;
  }

  /** Everything that it and its processes printed. */
  get output(): string {
    return `${this.#stdout}${this.#stderr}`;
  }

  status(): Promise<SupervisorStatus> {
    return this.#ask({ do: 'status' });
  }

  upgrade(command?: readonly string[]): Promise<Outcome> {
    return this.#ask({ do: 'upgrade', ...(command && { command }) });
  }

  rollback(): Promise<Outcome> {
    return this.#ask({ do: 'rollback' });
  }

  drain(): Promise<Outcome> {
    return this.#ask({ do: 'drain' });
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** Where it holds the socket `name`. */
  async address(name = 'http', tls = false): Promise<Address> {
    const { sockets } = await this.status();
    const socket = sockets.find((each) => each.name === name);
    if (!socket) throw new Error(`Expected a socket "${name}", got ${JSON.stringify(sockets)}`);
    const { port = 0, path } = socket;
    return { host: '127.0.0.1', port, tls, ...(path !== undefined && { path }) };
  }

  /** The generation of this number, as it is now. */
  async generation(number: number): Promise<GenerationStatus> {
    const { generations } = await this.status();
    const found = generations.find(({ generation }) => generation === number);
    if (!found) throw new Error(`Expected generation ${number}, got ${JSON.stringify(generations)}`);
    return found;
  }

  /** The pids of a generation's processes. */
  async pidsOf(number: number): Promise<number[]> {
    return (await this.generation(number)).workers.flatMap(({ pid }) => pid ?? []);
  }

  /** The first line of its log that matches, of those after the first `from`, past or to come. */
  logged(what: string, matches: (line: LogLine) => boolean, from = 0): Promise<LogLine> {
    return this.#until(what, () => this.log.slice(from).find(matches));
  }

  /** A process of generation `number` came to `state`; the `nth` that did. */
  reached(number: number, state: string, nth = 1): Promise<LogLine> {
    return this.#until(
      `${nth} of generation ${number} ${state}`,
      () => this.log.filter((line) => line.generation === number && line.state === state)[nth - 1],
    );
  }

  exit(): Promise<Ended> {
    return within(patienceMs, `the exit of the supervisor; so far:\n${this.output}`, this.#exited);
  }

  /** Resolves when nothing that it has started runs any more. */
  async nothingLeft(): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (processesOf(this.id).length > 0) {
      if (performance.now() > deadline) throw new Error(`Expected no process to be left:\n${this.output}`);
      // Of processes that are not ours nobody tells.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** However the test ended: nothing outlives it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.child.kill('SIGKILL');
    await this.#exited;
    for (const pid of processesOf(this.id)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has just ended.
      }
    }
  }

  #hear(posted: Posted): void {
    if (posted.type === 'log') this.log.push(posted.line);
    else if (posted.type === 'started') this.#onStarted(posted.outcome);
    else this.#answers.get(posted.id)?.(posted.answer as never);
    this.#changed();
  }

  #ask<Answer>(command: Command): Promise<Answer> {
    const id = this.#asked++;
    const answer = new Promise<Answer>((resolve) => this.#answers.set(id, resolve));
    this.child.send({ id, command });
    return within(patienceMs, `an answer to ${command.do}; so far:\n${this.output}`, answer);
  }

  async #until<T>(what: string, find: () => T | undefined): Promise<T> {
    const look = async (): Promise<T> => {
      for (;;) {
        const found = find();
        if (found !== undefined) return found;
        if (this.#ended) throw new Error(`no ${what} before its end`);
        await new Promise<void>((resolve) => this.#watchers.push(resolve));
      }
    };
    try {
      return await within(patienceMs, what, look());
    } catch (error) {
      throw new Error(`${(error as Error).message}; so far:\n${this.output}`, { cause: error });
    }
  }

  #changed(): void {
    for (const watcher of this.#watchers.splice(0)) watcher();
  }
}
