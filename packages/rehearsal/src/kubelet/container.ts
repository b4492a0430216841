import type { ContainerExit, RunningContainer, Runtime } from '../runtime/runtime.js';
import type { PodIdentity } from '../spec/environment.js';
import type { ProbeKind, ResolvedContainer, ResolvedProbe } from '../spec/resolve.js';
import { pause } from './pause.js';
import { Prober } from './prober.js';
import type { Tell } from './timeline.js';

/** What a container is given by its pod, and whom it tells. */
export interface ContainerParts {
  readonly spec: ResolvedContainer;
  readonly runtime: Runtime;
  readonly pod: PodIdentity;
  readonly tell: Tell;
  /** It runs, has started, is ready, or is not any more. */
  readonly onChange: () => void;
  /** A liveness or startup probe has failed for good: of this instance. */
  readonly onFailed: (probe: ResolvedProbe, instance: Instance) => void;
}

/** One start of a container. */
export interface Instance {
  readonly container: RunningContainer;
  readonly startedAt: number;
  readonly probers: readonly Prober[];
}

/** How one start of a container ended. */
export interface Run {
  readonly exit: ContainerExit;
  readonly ranMs: number;
}

type State =
  | { readonly name: 'waiting' }
  | { readonly name: 'starting'; readonly done: Promise<unknown> }
  | { readonly name: 'running'; readonly instance: Instance }
  | { readonly name: 'exited'; readonly exit: ContainerExit };

/** What a container exits with, as it were, that cannot be started. */
const cannotStart: ContainerExit = { code: 128 };

/** A container of a pod, through all its starts. */
export class Container {
  readonly spec: ResolvedContainer;
  readonly #parts: ContainerParts;
  readonly #told = new AbortController();
  #state: State = { name: 'waiting' };
  #starts = 0;
  #startError: unknown;
  #logs = '';

  constructor(parts: ContainerParts) {
    this.spec = parts.spec;
    this.#parts = parts;
  }

  get name(): string {
    return this.spec.name;
  }

  /** Everything that it has printed, in all its starts. */
  get logs(): string {
    return this.#logs;
  }

  /** The one that runs. */
  get instance(): Instance | undefined {
    return this.#state.name === 'running' ? this.#state.instance : undefined;
  }

  /** How the last one ended, where none runs. */
  get lastExit(): ContainerExit | undefined {
    return this.#state.name === 'exited' ? this.#state.exit : undefined;
  }

  /** Why it could not be started the last time. */
  get startError(): unknown {
    return this.#startError;
  }

  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  /** It runs, and its startup probe, if it has one, has passed. */
  get started(): boolean {
    return this.instance !== undefined && this.#passed('startup');
  }

  get ready(): boolean {
    return this.started && this.#passed('readiness');
  }

  /** Aborted when it is told to end for good: from then on it is not started any more. */
  get told(): AbortSignal {
    return this.#told.signal;
  }

  endForGood(): void {
    this.#told.abort();
  }

  /** Resolves when it is not in the middle of a start. */
  async settled(): Promise<void> {
    if (this.#state.name === 'starting') await this.#state.done;
  }

  /** Start it, and resolve when it has exited. */
  async run(): Promise<Run> {
    const starting = this.#start();
    this.#state = { name: 'starting', done: starting };
    const instance = await starting;
    if (instance === undefined) return { exit: cannotStart, ranMs: 0 };
    const exit = await instance.container.exited;
    for (const prober of instance.probers) prober.end();
    this.#state = { name: 'exited', exit };
    this.#parts.tell({ type: 'exited', ...exit });
    this.#parts.onChange();
    return { exit, ranMs: performance.now() - instance.startedAt };
  }

  /** Tell it to end, and kill it when the time is spent; given up where `signal` is aborted. */
  async stop(graceSeconds: number, signal: AbortSignal): Promise<void> {
    const { instance } = this;
    if (instance === undefined) return;
    const { container } = instance;
    this.#parts.tell({ type: 'signal', signal: this.spec.stopSignal, graceSeconds });
    container.signal(this.spec.stopSignal);
    const over = new AbortController();
    const exited = container.exited.then(() => over.abort());
    await pause(graceSeconds * 1_000, signal, over.signal);
    if (over.signal.aborted || signal.aborted) return;
    this.#parts.tell({ type: 'killed' });
    container.kill();
    await exited;
  }

  /** These probes are asked no more. */
  endProbes(kinds: readonly ProbeKind[]): void {
    for (const prober of this.instance?.probers ?? []) {
      if (kinds.includes(prober.kind)) prober.end();
    }
  }

  #passed(kind: ProbeKind): boolean {
    const prober = this.instance?.probers.find((each) => each.kind === kind);
    return prober === undefined || prober.verdict === 'success';
  }

  async #start(): Promise<Instance | undefined> {
    const { spec, runtime, pod, tell, onChange } = this.#parts;
    const restarts = this.#starts++;
    try {
      const container = await runtime.start({
        pod,
        name: spec.name,
        restarts,
        image: spec.image,
        command: spec.command,
        args: spec.args,
        environment: spec.environment,
        workingDir: spec.workingDir,
        onOutput: (text) => void (this.#logs += text),
      });
      const startedAt = performance.now();
      const probers: Prober[] = [];
      const instance = { container, startedAt, probers };
      this.#state = { name: 'running', instance };
      tell({ type: 'started', id: container.id, restarts });
      // Each looks at the others: none begins before all are there.
      probers.push(...spec.probes.map((probe) => this.#probe(probe, instance)));
      for (const prober of probers) prober.begin();
      onChange();
      return instance;
    } catch (error) {
      this.#state = { name: 'exited', exit: cannotStart };
      this.#startError = error;
      tell({ type: 'start-failed', message: (error as Error).message });
      onChange();
      return undefined;
    }
  }

  #probe(probe: ResolvedProbe, instance: Instance): Prober {
    const { tell, onChange, onFailed } = this.#parts;
    const { kind } = probe;
    return new Prober({
      probe,
      container: instance.container,
      startedAt: instance.startedAt,
      wanted: () => (kind === 'startup') !== this.started,
      onAnswer: ({ failed }) => {
        if (failed !== undefined) tell({ type: 'unhealthy', probe: kind, message: failed });
      },
      onVerdict: (verdict) => {
        tell({ type: verdict === 'success' ? 'probe-passed' : 'probe-failed', probe: kind });
        // The kubelet does not wait for the next strike of the clock to know whether it is ready.
        if (kind === 'startup' && verdict === 'success')
          for (const other of instance.probers) if (other.kind === 'readiness') other.poke();
        onChange();
        if (kind !== 'readiness' && verdict === 'failure') onFailed(probe, instance);
      },
    });
  }
}
