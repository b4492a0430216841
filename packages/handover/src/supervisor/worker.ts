import type { GenerationProcess, Reached } from '../generation/generation-process.js';
import type { Exit } from '../generation/state.js';
import type { WorkerStatus } from '../control/target.js';
import type { Json } from '../wire/messages.js';
import { afterCrash, type Crashes, none } from './back-off.js';

/** What the place of one process asks of its generation. */
export interface WorkerParts {
  /** Start a process for it, with what was handed on. */
  readonly start: (state: Json | undefined) => GenerationProcess;
  /** For the first process. What comes after a crash begins anew: what was handed on is long outdated. */
  readonly state: Json | undefined;
  /** How long one that leaves by itself may take, in milliseconds. */
  readonly drainMs: number;
  /** It crashed while it was to serve, or leaves by itself; another follows after `delayMs`. */
  readonly onCrash: (process: GenerationProcess, delayMs: number) => void;
}

/**
 * The place of one process in its generation. When the process crashes
 * another is started, later each time; meanwhile the sockets queue. One that
 * leaves by itself, after an uncaught error for one, is followed at once: it
 * may work long on what it has.
 */
export class Worker {
  readonly #parts: WorkerParts;
  #process: GenerationProcess;
  /** Those that leave by themselves, and have not gone. */
  readonly #former = new Set<GenerationProcess>();
  #crashes: Crashes = none;
  #restarts = 0;
  #retry: NodeJS.Timeout | undefined;
  #activeAt: number | undefined;
  #active = false;
  #leaving = false;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#process = parts.start(parts.state);
  }

  /** It has taken over, and has not been told to leave. */
  get active(): boolean {
    return this.#active && !this.#leaving;
  }

  get leaving(): boolean {
    return this.#leaving;
  }

  get process(): GenerationProcess {
    return this.#process;
  }

  /** Whoever serves in this place, or has. */
  get processes(): GenerationProcess[] {
    return [...this.#former, this.#process];
  }

  prepared(): Promise<Reached> {
    return this.#process.reaches('prepared');
  }

  listen(): Promise<Reached> {
    this.#process.go();
    return this.#process.reaches('ready');
  }

  /** It is one of those that serve; from now on a crash is mended. */
  activate(): void {
    this.#active = true;
    this.#process.activate();
    this.#activeAt = performance.now();
    void this.#watch(this.#process);
  }

  /** Another has taken over. */
  drain(reason: string, deadlineMs: number): void {
    this.#leave(reason, (process) => process.drain(reason, deadlineMs));
  }

  /** The service ends. */
  stop(reason: string, deadlineMs: number): void {
    this.#leave(reason, (process) => process.stop(reason, deadlineMs));
  }

  abort(message: string): void {
    this.#leave(message, (process) => process.abort({ code: 'aborted', message }));
  }

  kill(): void {
    this.#close();
    for (const process of this.processes) process.kill();
  }

  /** How the last one ended, when all have. */
  async exit(): Promise<Exit> {
    const exits = await Promise.all(this.processes.map((process) => process.exit()));
    return exits.at(-1) as Exit;
  }

  status(): WorkerStatus {
    const { pid, state, inFlight, text } = this.#process;
    return {
      ...(pid !== undefined && { pid }),
      state: this.#retry ? 'waiting' : state.name,
      ...(inFlight !== undefined && { inFlight }),
      ...(text !== undefined && { text }),
      ...(this.#restarts > 0 && { restarts: this.#restarts }),
    };
  }

  /** Nothing is started here any more. */
  #close(): void {
    this.#leaving = true;
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }

  #leave(message: string, leave: (process: GenerationProcess) => void): void {
    this.#close();
    for (const process of this.processes) {
      const { name } = process.state;
      // One that has not listened has nothing to finish.
      if (name === 'spawned' || name === 'hello' || name === 'prepared')
        process.abort({ code: 'aborted', message });
      else leave(process);
    }
  }

  async #watch(process: GenerationProcess): Promise<void> {
    await process.leaves();
    if (this.#leaving) return;
    const servedMs = this.#activeAt === undefined ? 0 : performance.now() - this.#activeAt;
    const { crashes, delayMs } = afterCrash(this.#crashes, servedMs);
    this.#crashes = crashes;
    this.#activeAt = undefined;
    if (process.state.name === 'draining') process.drain('another follows', this.#parts.drainMs);
    this.#retry = setTimeout(() => void this.#restart(), delayMs);
    this.#parts.onCrash(process, delayMs);
  }

  async #restart(): Promise<void> {
    this.#retry = undefined;
    this.#restarts++;
    const before = this.#process;
    this.#former.add(before);
    void before.exit().then(() => this.#former.delete(before));
    const process = this.#parts.start(undefined);
    this.#process = process;
    void this.#watch(process);
    if (!(await process.reaches('prepared')).ok) return;
    process.go();
    if (!(await process.reaches('ready')).ok) return;
    process.activate();
    this.#activeAt = performance.now();
  }
}
