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
  /** It crashed while it was to serve; another follows after `delayMs`. */
  readonly onCrash: (process: GenerationProcess, delayMs: number) => void;
}

/**
 * The place of one process in its generation. When the process crashes
 * another is started, later each time; meanwhile the sockets queue.
 */
export class Worker {
  readonly #parts: WorkerParts;
  #process: GenerationProcess;
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
    this.#watch();
  }

  /** Another has taken over. */
  drain(reason: string, deadlineMs: number): void {
    this.#leave();
    if (this.#mayHoldRequests) this.#process.drain(reason, deadlineMs);
    else this.abort(reason);
  }

  /** The service ends. */
  stop(reason: string, deadlineMs: number): void {
    this.#leave();
    if (this.#mayHoldRequests) this.#process.stop(reason, deadlineMs);
    else this.abort(reason);
  }

  abort(message: string): void {
    this.#leave();
    this.#process.abort({ code: 'aborted', message });
  }

  kill(): void {
    this.#leave();
    this.#process.kill();
  }

  exit(): Promise<Exit> {
    return this.#process.exit();
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

  get #mayHoldRequests(): boolean {
    const { name } = this.#process.state;
    return name !== 'spawned' && name !== 'hello' && name !== 'prepared';
  }

  #leave(): void {
    this.#leaving = true;
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }

  #watch(): void {
    const process = this.#process;
    void process.exit().then(() => {
      if (this.#leaving) return;
      const servedMs = this.#activeAt === undefined ? 0 : performance.now() - this.#activeAt;
      const { crashes, delayMs } = afterCrash(this.#crashes, servedMs);
      this.#crashes = crashes;
      this.#activeAt = undefined;
      this.#retry = setTimeout(() => void this.#restart(), delayMs);
      this.#parts.onCrash(process, delayMs);
    });
  }

  async #restart(): Promise<void> {
    this.#retry = undefined;
    this.#restarts++;
    const process = this.#parts.start(undefined);
    this.#process = process;
    this.#watch();
    if (!(await process.reaches('prepared')).ok) return;
    process.go();
    if (!(await process.reaches('ready')).ok) return;
    process.activate();
    this.#activeAt = performance.now();
  }
}
