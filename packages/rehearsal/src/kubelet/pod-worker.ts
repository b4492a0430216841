import { RehearsalError } from '../rehearsal-error.js';
import type { PodConditions } from '../rules/endpoint.js';
import {
  deletionGrace,
  effectiveGrace,
  hardEvictionGraceSeconds,
  probeKillGrace,
  softEvictionGrace,
} from '../rules/grace.js';
import { afterExit, isRestarted, type RestartBackOff, type Restarts } from '../rules/restart.js';
import type { NodeAddress, Runtime } from '../runtime/runtime.js';
import { whole, wrong } from '../spec/checks.js';
import type { PodIdentity } from '../spec/environment.js';
import type { ResolvedPod, ResolvedProbe } from '../spec/resolve.js';
import { Container, type Instance, type Run } from './container.js';
import { kill, killTogether } from './kill.js';
import { pause, untilAborted } from './pause.js';
import type { Pod, PodEnd } from './pod.js';
import type { PodEvent, PodHappening, Tell, TerminationReason, Timeline } from './timeline.js';

/** What a pod is given by its node. */
export interface PodWorkerParts {
  readonly identity: PodIdentity;
  readonly spec: ResolvedPod;
  readonly runtime: Runtime;
  readonly timeline: Timeline;
  readonly backOff: RestartBackOff;
  readonly restartSidecars: boolean;
}

interface Termination {
  readonly reason: TerminationReason;
  readonly graceSeconds: number;
  readonly beganAt: number;
  /** Another begins, with less time. */
  readonly superseded: AbortController;
}

/** A pod, as the kubelet's worker for it sees it: started, kept running, and ended. */
export class PodWorker implements Pod {
  readonly ended: Promise<PodEnd>;
  readonly #parts: PodWorkerParts;
  readonly #mains: readonly Container[];
  readonly #inits: readonly Container[];
  readonly #watchers = new Set<(conditions: PodConditions) => void>();
  readonly #keepers: Promise<void>[] = [];
  /** Those that a probe is the end of: they are started again, whatever they exit with. */
  readonly #probeKilled = new Set<Container>();
  readonly #ending = new AbortController();
  readonly #over = new AbortController();
  #onEnded!: (end: PodEnd) => void;
  #termination: Termination | undefined;
  #end: PodEnd | undefined;
  #ready = false;
  #deleted = false;
  #removed = false;
  #kept = 0;
  #failed = false;
  /** A pod has one worker: while it ends a container alone, it starts none. */
  #sync: Promise<void> = Promise.resolve();

  constructor(parts: PodWorkerParts) {
    this.#parts = parts;
    const { spec } = parts;
    this.#mains = spec.mains.map((container) => this.#container(container));
    this.#inits = spec.inits.map((container) => this.#container(container));
    this.ended = new Promise((resolve) => {
      this.#onEnded = resolve;
    });
    this.#tell({ type: 'created' });
    void this.#bringUp();
  }

  get name(): string {
    return this.#parts.identity.name;
  }

  get uid(): string {
    return this.#parts.identity.uid;
  }

  get ip(): string {
    return this.#parts.identity.ip;
  }

  get critical(): boolean {
    return this.#parts.spec.critical;
  }

  get graceSeconds(): number {
    return this.#parts.spec.graceSeconds;
  }

  get conditions(): PodConditions {
    return { ready: this.#ready, terminating: this.#deleted, gone: this.#removed || this.#end !== undefined };
  }

  get events(): readonly PodEvent[] {
    return this.#parts.timeline.events.filter(({ pod }) => pod === this.name);
  }

  async ready(): Promise<void> {
    if (this.#ready) return;
    const since = this.#parts.timeline.nowMs;
    const event = await this.happens(
      'ready',
      ({ type, atMs }) => (type === 'ready' && atMs >= since) || type === 'start-failed',
    );
    if (event.type !== 'start-failed') return;
    const error = this.#containers.find(({ startError }) => startError !== undefined)?.startError;
    throw error instanceof RehearsalError
      ? error
      : new RehearsalError(
          'ERR_REHEARSAL_START',
          `Expected to start a container of pod "${this.name}", got ${event.message}.`,
          { cause: error },
        );
  }

  happens(what: string, matches: (event: PodEvent) => boolean): Promise<PodEvent> {
    const past = this.events.find(matches);
    if (past !== undefined) return Promise.resolve(past);
    return new Promise((resolve, reject) => {
      const look = (event: PodEvent): void => {
        if (event.pod !== this.name) return;
        const found = matches(event);
        if (!found && event.type !== 'ended') return;
        watch[Symbol.dispose]();
        if (found) resolve(event);
        else reject(this.#gone(what));
      };
      const watch = this.#parts.timeline.watch(look);
      if (this.#end !== undefined) {
        watch[Symbol.dispose]();
        reject(this.#gone(what));
      }
    });
  }

  watch(listener: (conditions: PodConditions) => void): Disposable {
    this.#watchers.add(listener);
    return { [Symbol.dispose]: () => void this.#watchers.delete(listener) };
  }

  address(port: number | string): NodeAddress | undefined {
    const all = this.#containers;
    const owner = typeof port === 'string' ? all.find(({ spec }) => spec.ports.has(port)) : undefined;
    const number = typeof port === 'string' ? owner?.spec.ports.get(port) : port;
    if (number === undefined) throw wrong(`pod "${this.name}" to have a port of that name`, port);
    const running = owner?.instance ?? all.find(({ instance }) => instance !== undefined)?.instance;
    return running?.container.address(number);
  }

  logs(container: string): string {
    return this.#find(container).logs;
  }

  idOf(container: string): string | undefined {
    return this.#find(container).instance?.container.id;
  }

  signal(container: string, signal: NodeJS.Signals): void {
    const running = this.#find(container).instance?.container;
    if (signal === 'SIGKILL') running?.kill();
    else running?.signal(signal);
  }

  delete({ gracePeriodSeconds }: { readonly gracePeriodSeconds?: number } = {}): Promise<PodEnd> {
    const requested =
      gracePeriodSeconds === undefined ? undefined : whole('`gracePeriodSeconds`', gracePeriodSeconds, -1, 0);
    const grace = deletionGrace(requested, this.graceSeconds);
    this.#deleted = true;
    this.#removed ||= grace === 0;
    this.terminate('deleted', grace);
    this.#notify();
    return this.ended;
  }

  evict({ maxPodGracePeriodSeconds }: { readonly maxPodGracePeriodSeconds?: number } = {}): Promise<PodEnd> {
    const grace =
      maxPodGracePeriodSeconds === undefined
        ? hardEvictionGraceSeconds
        : softEvictionGrace(
            whole('`maxPodGracePeriodSeconds`', maxPodGracePeriodSeconds, 0, 0),
            this.graceSeconds,
          );
    this.terminate('evicted', grace);
    return this.ended;
  }

  /** Begin to end it, or go on with less time. */
  terminate(reason: TerminationReason, wantedSeconds: number): void {
    if (this.#end !== undefined) return;
    const before = this.#termination;
    const graceSeconds = effectiveGrace(before?.graceSeconds, wantedSeconds);
    if (before !== undefined && graceSeconds >= before.graceSeconds) return;
    before?.superseded.abort();
    this.#ending.abort();
    this.#termination = {
      reason: before?.reason ?? reason,
      graceSeconds,
      beganAt: before?.beganAt ?? performance.now(),
      superseded: new AbortController(),
    };
    this.#tell({ type: before === undefined ? 'terminating' : 'shortened', reason, graceSeconds });
    // Of sidecars only where the pod was deleted: their probers see that for themselves.
    for (const container of this.#deleted ? this.#containers : this.#mains)
      container.endProbes(['liveness', 'startup']);
    if (!this.#parts.restartSidecars) for (const sidecar of this.#inits) sidecar.endForGood();
    void this.#terminated(this.#termination);
  }

  /** SIGKILL to everything: the end of a test, and not of a pod. */
  async destroy(): Promise<void> {
    for (const container of this.#containers) container.endForGood();
    this.terminate('deleted', 1);
    this.#over.abort();
    this.#termination?.superseded.abort();
    await Promise.all(
      this.#containers.map(async (container) => {
        await container.settled();
        container.instance?.container.kill();
      }),
    );
    await Promise.all(this.#keepers);
    this.#finish();
  }

  get #containers(): readonly Container[] {
    return [...this.#mains, ...this.#inits];
  }

  #container(spec: Container['spec']): Container {
    const { identity, runtime, timeline } = this.#parts;
    const container: Container = new Container({
      spec,
      runtime,
      pod: identity,
      tell: (happening) => timeline.ofContainer(identity.name, spec.name, happening),
      onChange: () => this.#notify(),
      onFailed: (probe, instance) => this.#onFailed(container, probe, instance),
    });
    return container;
  }

  /** Those before the mains one after the other, then all mains. */
  async #bringUp(): Promise<void> {
    for (const init of this.#inits) {
      if (this.#ending.signal.aborted) return;
      if (init.spec.role === 'sidecar') {
        void this.#keep(init);
        await this.#until(() => init.started);
      } else {
        await Promise.race([this.#keep(init), untilAborted(this.#ending.signal)]);
        if (this.#ending.signal.aborted) return;
        if (init.lastExit?.code !== 0) return this.#fail();
      }
    }
    if (this.#ending.signal.aborted) return;
    for (const main of this.#mains) void this.#keep(main).then(() => this.#onKept());
  }

  /** Resolves when `holds`, or when the pod is ending. */
  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!holds() && !this.#ending.signal.aborted) return;
        watch[Symbol.dispose]();
        this.#ending.signal.removeEventListener('abort', look);
        resolve();
      };
      const watch = this.watch(look);
      this.#ending.signal.addEventListener('abort', look);
      look();
    });
  }

  #keep(container: Container): Promise<void> {
    const keeper = this.#keepRunning(container);
    this.#keepers.push(keeper);
    return keeper;
  }

  /** Start it, and again, for as long as it is to run. */
  async #keepRunning(container: Container): Promise<void> {
    let restarts: Restarts = { inRow: 0 };
    for (;;) {
      const run = await container.run();
      const byProbe = this.#probeKilled.delete(container);
      if (!this.#restarts(container, run, byProbe)) return;
      const next = afterExit(restarts, run.ranMs, this.#parts.backOff);
      restarts = next.restarts;
      if (next.delayMs > 0) {
        this.#teller(container)({ type: 'back-off', delayMs: next.delayMs });
        const signals =
          container.spec.role === 'sidecar' ? [container.told] : [container.told, this.#ending.signal];
        await pause(next.delayMs, ...signals);
      }
      await this.#sync;
      if (!this.#restarts(container, run, byProbe)) return;
    }
  }

  #restarts(container: Container, { exit }: Run, byProbe: boolean): boolean {
    const { role } = container.spec;
    if (container.told.aborted || this.#over.signal.aborted) return false;
    if (this.#termination !== undefined) return role === 'sidecar';
    return isRestarted(role, this.#parts.spec.restartPolicy, { success: exit.code === 0, byProbe });
  }

  /** A main has exited and is not started any more; with the last one the pod is done. */
  #onKept(): void {
    this.#kept++;
    if (this.#kept === this.#mains.length) this.terminate('completed', this.graceSeconds);
  }

  #fail(): void {
    this.#failed = true;
    this.terminate('completed', this.graceSeconds);
  }

  /** A container is ended alone, and started again: the pod stays where it is, also in the slices. */
  #onFailed(container: Container, probe: ResolvedProbe, instance: Instance): void {
    if (this.#termination !== undefined) return;
    this.#sync = this.#sync.then(async () => {
      if (this.#ending.signal.aborted || container.instance !== instance) return;
      const graceSeconds = probeKillGrace(probe.graceSeconds, this.graceSeconds);
      const tell = this.#teller(container);
      tell({ type: 'killing', probe: probe.kind, graceSeconds });
      this.#probeKilled.add(container);
      const until = { signal: this.#ending.signal, over: this.#over.signal };
      await kill(container, { graceSeconds, waitsFor: [], forGood: false, ...until, tell });
    });
  }

  /** All of it, at the same time; sidecars when it is their turn. */
  async #terminated(termination: Termination): Promise<void> {
    const { signal } = termination.superseded;
    // One that is being started is one more to end.
    await Promise.all(this.#containers.map((container) => container.settled()));
    await killTogether(
      { mains: this.#mains, inits: this.#inits },
      {
        graceSeconds: termination.graceSeconds,
        signal,
        over: this.#over.signal,
        tellerOf: (container) => this.#teller(container),
      },
    );
    if (signal.aborted) return;
    await Promise.all(this.#keepers);
    this.#finish();
  }

  #finish(): void {
    const termination = this.#termination;
    if (this.#end !== undefined || termination === undefined) return;
    this.#over.abort();
    const { reason, graceSeconds, beganAt } = termination;
    const events = this.events;
    const failed =
      this.#failed ||
      reason === 'evicted' ||
      reason === 'node-shutdown' ||
      this.#mains.some(({ lastExit }) => lastExit?.code !== 0);
    this.#end = {
      phase: failed ? 'Failed' : 'Succeeded',
      reason,
      graceSeconds,
      durationMs: performance.now() - beganAt,
      containers: this.#containers.map((container) => ({
        name: container.name,
        exit: container.lastExit,
        killed: events.some(
          (event) => event.type === 'killed' && 'container' in event && event.container === container.name,
        ),
        restarts: container.restarts,
      })),
    };
    this.#notify();
    this.#tell({ type: 'ended', phase: this.#end.phase });
    this.#onEnded(this.#end);
  }

  #notify(): void {
    const ready =
      this.#end === undefined &&
      this.#mains.every((main) => main.ready) &&
      this.#inits.every((init) => init.spec.role === 'init' || init.ready);
    if (ready !== this.#ready) {
      this.#ready = ready;
      this.#tell({ type: ready ? 'ready' : 'not-ready' });
    }
    for (const watcher of this.#watchers) watcher(this.conditions);
  }

  #teller(container: Container): Tell {
    return (happening) => this.#parts.timeline.ofContainer(this.name, container.name, happening);
  }

  #tell(happening: PodHappening): void {
    this.#parts.timeline.ofPod(this.name, happening);
  }

  #find(name: string): Container {
    const found = this.#containers.find((container) => container.name === name);
    if (found === undefined)
      throw wrong(
        `a container of pod "${this.name}": ${this.#containers.map((each) => each.name).join(', ')}`,
        name,
      );
    return found;
  }

  #gone(what: string): RehearsalError {
    return new RehearsalError(
      'ERR_REHEARSAL_GONE',
      `Expected pod "${this.name}" to come to "${what}", got its end before.`,
    );
  }
}
