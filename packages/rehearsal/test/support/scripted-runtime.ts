import type {
  ContainerExit,
  ContainerRequest,
  NodeAddress,
  RunningContainer,
  Runtime,
} from '../../src/runtime/runtime.js';

/** What the main process of a container does. */
export interface Script {
  /** From the signal to end to its exit with 0, in milliseconds; never, where it is not said. */
  readonly leavesInMs?: number;
  /** It exits by itself so long after each start, with this code. */
  readonly crashes?: { readonly afterMs: number; readonly code: number };
  /** What a program that a probe runs exits with, by how often it was run before. */
  readonly probe?: (asked: number) => number;
}

/** Containers that follow a script, by the clock of the test: for what is counted in seconds, and not for what processes do. */
export class ScriptedRuntime implements Runtime {
  readonly #scripts: Readonly<Record<string, Script>>;
  /** Hooks that have begun, and not ended. */
  hooks = 0;

  constructor(scripts: Readonly<Record<string, Script>> = {}) {
    this.#scripts = scripts;
  }

  async podIp(): Promise<string> {
    return '127.0.0.1';
  }

  async start({ name, restarts }: ContainerRequest): Promise<RunningContainer> {
    return new ScriptedContainer(`${name}-${restarts}`, this.#scripts[name] ?? { leavesInMs: 0 }, this);
  }
}

class ScriptedContainer implements RunningContainer {
  readonly id: string;
  readonly exited: Promise<ContainerExit>;
  readonly #script: Script;
  readonly #runtime: ScriptedRuntime;
  #exit!: (exit: ContainerExit) => void;
  #asked = 0;

  constructor(id: string, script: Script, runtime: ScriptedRuntime) {
    this.id = id;
    this.#script = script;
    this.#runtime = runtime;
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
    const { crashes } = script;
    if (crashes) setTimeout(() => this.#exit({ code: crashes.code }), crashes.afterMs);
  }

  signal(): void {
    const { leavesInMs } = this.#script;
    if (leavesInMs !== undefined) setTimeout(() => this.#exit({ code: 0 }), leavesInMs);
  }

  kill(): void {
    this.#exit({ code: 137, signal: 'SIGKILL' });
  }

  address(port: number): NodeAddress {
    return { host: '127.0.0.1', port };
  }

  /** `['probe']`, or `['hook', milliseconds]`. */
  async exec([what, ms]: readonly string[], signal?: AbortSignal): Promise<number> {
    if (what === 'probe') return this.#script.probe?.(this.#asked++) ?? 0;
    this.#runtime.hooks++;
    await new Promise<void>((resolve) => {
      setTimeout(resolve, Number(ms));
      signal?.addEventListener('abort', () => resolve());
      void this.exited.then(() => resolve());
    });
    this.#runtime.hooks--;
    return signal?.aborted ? 137 : 0;
  }
}
