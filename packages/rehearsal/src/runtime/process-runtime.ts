import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { constants } from 'node:os';
import { RehearsalError } from '../rehearsal-error.js';
import { wrong } from '../spec/checks.js';
import { killDescendants, markOf } from './descendants.js';
import type { ContainerExit, ContainerRequest, NodeAddress, RunningContainer, Runtime } from './runtime.js';

/** Processes of this machine that must not outlive this one: by their process groups, and by their containers' marks. */
const groups = new Set<number>();
const marks = new Set<string>();
process.on('exit', () => {
  for (const group of groups) killGroup(group);
  for (const mark of marks) killDescendants(mark);
});

/**
 * A process for each container, on this machine: nothing is isolated. What it
 * has started ends with it, as the processes of a container do.
 *
 * On Linux each pod has an address of its own, one of 127.0.0.0/8, so that pods
 * can listen on the same port: `status.podIP` by the downward API, or
 * `$(POD_IP)` in the arguments. Elsewhere all have 127.0.0.1, and each pod
 * wants ports of its own.
 */
export class ProcessRuntime implements Runtime {
  readonly #given = new Set<string>();

  /** One of 127.0.0.0/8 on Linux, and 127.0.0.1 elsewhere. */
  async podIp(): Promise<string> {
    if (process.platform !== 'linux') return '127.0.0.1';
    for (;;) {
      // At random: others on the machine rehearse too.
      const ip = ['127', 64 + below(128), below(256), 1 + below(254)].join('.');
      if (this.#given.has(ip)) continue;
      this.#given.add(ip);
      return ip;
    }
  }

  /**
   * Start a process.
   *
   * @throws RehearsalError `ERR_REHEARSAL_START`
   */
  async start(request: ContainerRequest): Promise<RunningContainer> {
    const words = [...request.command, ...request.args];
    if (words.length === 0)
      throw wrong(`container "${request.name}" to have a command: there are no images here`, 'none');
    const mark = randomUUID();
    const child = launch(words, request, mark);
    try {
      await once(child, 'spawn');
    } catch (error) {
      const message = `Expected to start ${JSON.stringify(words[0])} for container "${request.name}", got ${(error as Error).message}.`;
      throw new RehearsalError('ERR_REHEARSAL_START', message, { cause: error });
    }
    return new ProcessContainer(child, request, mark);
  }
}

class ProcessContainer implements RunningContainer {
  readonly id: string;
  readonly exited: Promise<ContainerExit>;
  readonly #child: ChildProcess;
  readonly #request: ContainerRequest;
  readonly #group: number;
  readonly #mark: string;

  constructor(child: ChildProcess, request: ContainerRequest, mark: string) {
    this.#child = child;
    this.#request = request;
    this.#group = child.pid ?? 0;
    this.#mark = mark;
    marks.add(mark);
    this.id = String(this.#group);
    groups.add(this.#group);
    this.exited = this.#untilExit();
  }

  async #untilExit(): Promise<ContainerExit> {
    const [code, signal] = await exitOf(this.#child, () => killDescendants(this.#mark));
    groups.delete(this.#group);
    marks.delete(this.#mark);
    return signal === null ? { code: code ?? 0 } : { code: 128 + constants.signals[signal], signal };
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  kill(): void {
    killGroup(this.#group);
    if (marks.has(this.#mark)) killDescendants(this.#mark);
  }

  address(port: number): NodeAddress {
    return { host: this.#request.pod.ip, port };
  }

  async exec(command: readonly string[], signal?: AbortSignal): Promise<number> {
    const child = launch(command, this.#request, this.#mark);
    const group = child.pid;
    // 126 is what a shell says of a program that cannot be run.
    if (group === undefined)
      return exitOf(child).then(
        () => 126,
        () => 126,
      );
    groups.add(group);
    const end = (): void => killGroup(group);
    signal?.addEventListener('abort', end);
    void this.exited.then(end);
    try {
      const [code, by] = await exitOf(child);
      return by === null ? (code ?? 0) : 128 + constants.signals[by];
    } finally {
      signal?.removeEventListener('abort', end);
      groups.delete(group);
    }
  }
}

function launch(
  [program = '', ...args]: readonly string[],
  request: ContainerRequest,
  mark: string,
): ChildProcess {
  const { environment, workingDir, onOutput } = request;
  const child = spawn(program, args, {
    // Nothing of our own: a container knows what its manifest says.
    env: { PATH: process.env['PATH'], ...environment, ...markOf(mark) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(workingDir !== undefined && { cwd: workingDir }),
  });
  child.stdout?.setEncoding('utf8').on('data', onOutput);
  child.stderr?.setEncoding('utf8').on('data', onOutput);
  return child;
}

/** When its last words have come, too. */
async function exitOf(
  child: ChildProcess,
  onExit?: () => void,
): Promise<[code: number | null, signal: NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      // Whatever it had started ends with it, as in a container, and lets go of its outputs.
      if (child.pid !== undefined) killGroup(child.pid);
      onExit?.();
      child.once('close', () => resolve([code, signal]));
    });
  });
}

function killGroup(group: number): void {
  // The number of one that is gone may be somebody else's by now.
  if (!groups.has(group)) return;
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // All of them have ended.
  }
}

function below(limit: number): number {
  return Math.floor(Math.random() * limit);
}
