import type { GenerationStatus } from '../control/target.js';
import type { GenerationProcess, Reached } from '../generation/generation-process.js';
import type { Launch } from '../generation/launch.js';
import type { Exit, Failure } from '../generation/state.js';
import type { Json } from '../wire/messages.js';
import type { Origin } from './roll-back.js';
import { Worker } from './worker.js';

/** What a generation is made of. */
export interface GenerationParts {
  readonly number: number;
  readonly launch: Launch;
  readonly origin: Origin;
  readonly workers: number;
  /** How long a process that leaves by itself may take, in milliseconds. */
  readonly drainMs: number;
  /** Start one process of it, with what the one before it in its place handed on. */
  readonly start: (generation: number, launch: Launch, state: Json | undefined) => GenerationProcess;
  /** One crashed while it was to serve, or leaves by itself; another follows after `delayMs`. */
  readonly onCrash: (generation: Generation, process: GenerationProcess, delayMs: number) => void;
}

/** What is handed on, by place. */
export type States = ReadonlyMap<number, Json>;

const nothing: States = new Map();

/** Processes that were started together, from one command, and leave together. */
export class Generation {
  readonly number: number;
  readonly launch: Launch;
  readonly origin: Origin;
  readonly places: readonly number[];
  readonly #parts: GenerationParts;
  readonly #startedAt = new Date();
  /** By their place. */
  readonly #workers: (Worker | undefined)[] = [];
  /** Those whose place another has taken. */
  readonly #former = new Set<Worker>();
  #state: 'starting' | 'ready' | 'active' | 'draining' | 'failed' | 'exited' = 'starting';
  #readyAt: Date | undefined;
  #activeAt: number | undefined;
  #crashes = 0;

  constructor(parts: GenerationParts) {
    this.#parts = parts;
    this.number = parts.number;
    this.launch = parts.launch;
    this.origin = parts.origin;
    this.places = Array.from({ length: parts.workers }, (_, place) => place);
  }

  get state(): GenerationStatus['state'] {
    return this.#state;
  }

  /** Since the first of it took over, in milliseconds. */
  get activeMs(): number {
    return this.#activeAt === undefined ? 0 : performance.now() - this.#activeAt;
  }

  /** Of those that had taken over. */
  get crashes(): number {
    return this.#crashes;
  }

  get processes(): GenerationProcess[] {
    return this.#present.flatMap(({ processes }) => processes);
  }

  /** How those ended that have. */
  get exitsSoFar(): Exit[] {
    return this.processes.flatMap(({ state }) => (state.name === 'exited' ? state.exit : []));
  }

  /** Start the processes of these places; resolves when all are prepared, or one has failed. */
  async start(places: readonly number[] = this.places, states: States = nothing): Promise<Reached> {
    const workers = places.map((place) => this.#fill(place, states.get(place)));
    return allReached(workers.map((worker) => worker.prepared()));
  }

  /** Let them listen; resolves when all serve, or one has failed. */
  async listen(places: readonly number[] = this.places): Promise<Reached> {
    const reached = await allReached(places.map((place) => this.#at(place).listen()));
    if (reached.ok && this.#state === 'starting') {
      this.#state = 'ready';
      this.#readyAt = new Date();
    }
    return reached;
  }

  /** Resolves with what went wrong once one of them is given up or has exited. */
  fails(places: readonly number[] = this.places): Promise<Failure> {
    return Promise.race(places.map((place) => this.#at(place).process.ends()));
  }

  /** They are those that serve: what crashes is started again. */
  activate(places: readonly number[] = this.places): void {
    for (const place of places) this.#at(place).activate();
    this.#state = 'active';
    this.#activeAt ??= performance.now();
  }

  /** What the process in `place` hands on; `undefined` where nobody there speaks the protocol. */
  save(place: number, timeoutMs: number): ReturnType<GenerationProcess['save']> {
    return this.#workers[place]?.process.save(timeoutMs) ?? Promise.resolve(undefined);
  }

  /** Who was to take over did not come about: what these handed on is theirs again. */
  undoSave(places: readonly number[]): void {
    for (const place of places) this.#workers[place]?.process.undoSave();
  }

  /** Another generation has taken over, in these places. */
  drain(reason: string, deadlineMs: number, places: readonly number[] = this.places): void {
    for (const place of places) this.#workers[place]?.drain(reason, deadlineMs);
    const allLeave = this.#workers.every((worker) => worker?.leaving);
    if (allLeave && this.#state !== 'failed') this.#state = 'draining';
  }

  /** What was to serve in these places leaves again: others are started there. */
  async refill(places: readonly number[]): Promise<void> {
    if (places.length === 0) return;
    const started = await this.start(places);
    const listening = started.ok ? await this.listen(places) : started;
    // Those that could not be started again go on being tried.
    this.activate(places);
    if (!listening.ok) throw new Error(listening.failure.message);
  }

  /** The service ends. */
  stop(reason: string, deadlineMs: number): void {
    for (const worker of this.#present) worker.stop(reason, deadlineMs);
    this.#state = 'draining';
  }

  /** It is given up: whoever of it has not taken over ends. Those that have serve on until they are drained. */
  giveUp(reason: string): void {
    for (const worker of this.#present) if (!worker.active) worker.abort(reason);
    this.#state = 'failed';
  }

  kill(): void {
    for (const worker of this.#present) worker.kill();
  }

  /** How its processes ended, once all have. */
  async exits(): Promise<Exit[]> {
    const exits = await Promise.all(this.#present.map((worker) => worker.exit()));
    if (this.#state !== 'failed') this.#state = 'exited';
    return exits;
  }

  status(): GenerationStatus {
    return {
      generation: this.number,
      state: this.#state,
      command: this.launch.command,
      startedAt: this.#startedAt.toISOString(),
      ...(this.#readyAt && { readyAt: this.#readyAt.toISOString() }),
      workers: this.#present.map((worker) => worker.status()),
    };
  }

  get #present(): Worker[] {
    return [...this.#former, ...this.#workers.filter((worker) => worker !== undefined)];
  }

  #fill(place: number, state: Json | undefined): Worker {
    const worker = new Worker({
      start: (handedOn) => this.#parts.start(this.number, this.launch, handedOn),
      state,
      drainMs: this.#parts.drainMs,
      onCrash: (process, delayMs) => {
        this.#crashes++;
        this.#parts.onCrash(this, process, delayMs);
      },
    });
    const former = this.#workers[place];
    if (former) {
      this.#former.add(former);
      void former.exit().then(() => this.#former.delete(former));
    }
    this.#workers[place] = worker;
    return worker;
  }

  #at(place: number): Worker {
    const worker = this.#workers[place];
    if (!worker) throw new RangeError(`Expected a process in place ${place} of generation ${this.number}`);
    return worker;
  }
}

/** The first failure stands for all. */
async function allReached(each: readonly Promise<Reached>[]): Promise<Reached> {
  const failure = await Promise.race([
    Promise.all(each).then((all) => all.find(({ ok }) => !ok)),
    ...each.map((one) => one.then((reached) => (reached.ok ? new Promise<never>(() => {}) : reached))),
  ]);
  return failure ?? { ok: true };
}
