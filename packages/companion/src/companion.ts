import { existsSync } from 'node:fs';
import type { Logger } from '@graceful/core';
import { type CompanionOptions, type ResolvedCompanion, resolveCompanion } from './companion-options.js';
import { ControlServer } from './control/control-server.js';
import { EventRing } from './control/event-ring.js';
import { SocketPlace } from './control/socket-place.js';
import { InstanceStreams } from './control/streams.js';
import { Waiters } from './control/waiters.js';
import type { Address } from './http/listen-on.js';
import { Holds } from './kubelet/holds.js';
import { KubeletServer } from './kubelet/kubelet-server.js';
import { Looks } from './looks.js';
import type { Metrics } from './metrics/metrics.js';
import { systemClock } from './pod/clock.js';
import { departureOf } from './pod/departure.js';
import { type KeptState, readKept, startedAgain, writeKept } from './pod/epoch.js';
import type { Instance, Ending } from './pod/instance.js';
import { Pod, type PodEvent } from './pod/pod.js';
import { hasStarted, readinessOf } from './pod/readiness.js';
import type { PodState } from './protocol/wire.js';
import type { DrainReceipt, ReceiptVerdict } from './receipts/receipt.js';
import { ReceiptBook } from './receipts/receipt-book.js';
import { exitCodeOf } from './receipts/verdict.js';

/** How often to look while somebody leaves. */
const leavingTickMs = 100;
/** How often to look otherwise, so that something is known of a process that is killed. */
const servingTickMs = 2_000;
/**
 * How long after our own signal a service may say that it got one, too. The
 * kubelet sends them to all containers of a pod at once (Knative's queue-proxy
 * waits as long).
 */
const sameSignalMs = 1_000;
/** What is kept of the pod's grace to write receipts and to exit. */
const lastMs = 1_000;
/** When the grace is over the kubelet gives 2 s after its last signal. */
const afterGraceMs = 1_500;
/** How long clients may take to read a last answer. */
const closeMs = 250;

const defaultTerminationLog = '/dev/termination-log';

/** A companion that runs. */
export interface Companion {
  /** The path of the control socket. */
  readonly socket: string;
  /** Where probes and hooks are answered. */
  readonly kubelet: Address;
  /** Where Prometheus asks, if it may. */
  readonly metrics: Address | undefined;
  /** How often a companion was started in this pod. */
  readonly epoch: number;
  /** Where the pod is on its way. */
  readonly pod: PodState;
  /** Resolves with the exit code at its end: 0 clean, 64 forced, 65 dropped, 66 unknown. */
  readonly ended: Promise<number>;
  /**
   * End, as with a signal: when the services have left, or at once where only
   * the companion is restarted.
   *
   * @returns the exit code
   */
  stop(): Promise<number>;
}

/**
 * Start the companion of a pod: the daemon that `graceful companion` runs.
 *
 * @throws CompanionError `ERR_COMPANION_OPTION`, `ERR_COMPANION_CONTROL`,
 * `ERR_COMPANION_LISTEN`; GracefulError `ERR_GRACEFUL_PORT_IN_USE` where another
 * companion has the control socket, `ERR_GRACEFUL_LISTEN`
 */
export async function startCompanion(options: CompanionOptions = {}): Promise<Companion> {
  const resolved = resolveCompanion(options);
  const place = await SocketPlace.claim(resolved.socket, resolved.socketGroup);
  const daemon = new Daemon(resolved, place);
  await daemon.listen();
  return daemon;
}

/** Puts the rooms together: what happens in the pod goes to those whom it concerns. */
class Daemon implements Companion {
  readonly ended: Promise<number>;
  readonly #options: ResolvedCompanion;
  readonly #logger: Logger | undefined;
  readonly #place: SocketPlace;
  readonly #kept: KeptState;
  readonly #pod: Pod;
  readonly #looks: Looks;
  readonly #book: ReceiptBook;
  readonly #receipts = new WeakMap<Instance, DrainReceipt>();
  /** Of those that left with the pod. */
  readonly #verdicts: ReceiptVerdict[] = [];
  readonly #events = new EventRing();
  readonly #waiters: Waiters;
  readonly #streams: InstanceStreams;
  readonly #holds: Holds;
  #metrics: Metrics | undefined;
  readonly #control: ControlServer;
  readonly #kubelet: KubeletServer;
  readonly #checks = new Set<() => void>();
  #end!: (code: number) => void;
  readonly #onSignal = (signal: NodeJS.Signals) => this.#obey(signal);
  #kubeletAddress: Address;
  #metricsAddress: Address | undefined;
  #timer: { readonly handle: NodeJS.Timeout; readonly everyMs: number } | undefined;
  #hasChanged = false;
  #isLeaving = false;
  #cannotKeep = false;

  constructor(options: ResolvedCompanion, place: SocketPlace) {
    this.#options = options;
    this.#place = place;
    this.#logger = options.logger === false ? undefined : options.logger;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#kubeletAddress = options.kubelet;
    this.#kept = startedAgain(readKept(options.stateFile), options.podUid, systemClock.wallMs());
    this.#book = this.#openBook();
    this.#pod = new Pod({
      expect: options.expect,
      graceMs: options.graceMs,
      clock: systemClock,
      tell: (event) => this.#happened(event),
      heldSince: () => this.#holds.since,
    });
    this.#looks = new Looks(this.#pod, systemClock);
    this.#waiters = new Waiters(() => this.#pod.instances);
    this.#streams = new InstanceStreams((instance, isFinal) => {
      if (isFinal) this.#pod.gone(instance);
      else this.#pod.disconnected(instance);
    });
    this.#holds = new Holds({
      times: options.hold,
      now: () => systemClock.monotonicMs(),
      facts: (container, since) => this.#pod.holdFacts(container, since),
      onHold: () => {
        // What was seen last may be older than whoever has come meanwhile.
        this.#looks.look();
        this.#schedule();
      },
      onRelease: (verdict) => {
        this.#metrics?.counts.released(verdict);
        this.#record('hold', verdict, `hook released (${verdict.released})`);
      },
    });
    this.#control = this.#makeControl();
    this.#kubelet = this.#makeKubelet();
  }

  get socket(): string {
    return this.#place.path;
  }

  get kubelet(): Address {
    return this.#kubeletAddress;
  }

  get metrics(): Address | undefined {
    return this.#metricsAddress;
  }

  get epoch(): number {
    return this.#kept.epoch;
  }

  get pod(): PodState {
    return this.#pod.state;
  }

  async listen(): Promise<void> {
    const { kubelet, metrics, signals, expect } = this.#options;
    // First of all: as PID 1 a process without a handler never hears of a signal.
    for (const signal of signals) process.on(signal, this.#onSignal);
    if (metrics !== false) {
      // Whoever does not ask for them need not load them.
      const { Metrics: Counted } = await import('./metrics/metrics.js');
      this.#metrics = new Counted(this.#pod, this.epoch);
      for (const { name } of expect) this.#metrics.counts.knows(name);
    }
    const { pod } = this.#kept;
    if (pod.state === 'terminating') {
      const now = systemClock.wallMs();
      this.#pod.resume(pod.reason, now - pod.startedAtMs, pod.deadlineAtMs - now);
    }
    this.#keep();
    try {
      // Its own port first: who asks whether it has started is told so when both are there.
      await this.#control.listen(this.#place);
      if (metrics !== false) this.#metricsAddress = await this.#metrics?.server.listen(metrics);
      this.#kubeletAddress = await this.#kubelet.listen(kubelet);
    } catch (error) {
      await this.#close();
      throw error;
    }
    if (this.#place.warning !== undefined) this.#logger?.warn({ socket: this.socket }, this.#place.warning);
    this.#record(
      'started',
      {
        epoch: this.epoch,
        socket: this.socket,
        kubelet: this.#kubeletAddress,
        metrics: this.#metricsAddress,
      },
      `companion listens on ${this.socket} and ${this.#kubeletAddress.host}:${this.#kubeletAddress.port}`,
    );
    this.#schedule();
  }

  stop(): Promise<number> {
    void this.#leave();
    return this.ended;
  }

  #obey(signal: NodeJS.Signals): void {
    if (this.#isLeaving) {
      this.#record('signal', { signal }, `${signal}: leaving already, nothing changes`);
      return;
    }
    this.#record('signal', { signal }, `${signal}: leaving`);
    void this.#leave();
  }

  async #leave(): Promise<void> {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.#schedule();
    const alone = await this.#isAlone();
    if (alone) this.#goAlone();
    else await this.#goLast();
    const code = alone ? 0 : exitCodeOf(this.#verdicts);
    this.#record('ended', { code, epoch: this.epoch }, `companion ends with ${code}`);
    await this.#close().catch((error: unknown) => this.#defect(error));
    this.#end(code);
    if (this.#options.exit !== false) this.#options.exit(code);
  }

  /** Whether only we are to end: somebody is there, and nobody of them has heard of it. */
  async #isAlone(): Promise<boolean> {
    await this.#until(() => !this.#isSomebodyThere() || this.#hasSomebodyBegun(), sameSignalMs);
    return this.#isSomebodyThere() && !this.#hasSomebodyBegun();
  }

  #isSomebodyLive(): boolean {
    return this.#pod.instances.some(({ isLive, isSilent }) => isLive && !isSilent);
  }

  #isSomebodyThere(): boolean {
    return (
      this.#isSomebodyLive() ||
      this.#pod.instances.some(
        ({ state, ports }) =>
          state === 'expected' && ports.some((port) => this.#looks.listens(port) === true),
      )
    );
  }

  /** Those that have left before the pod began to end were restarted, or are no business of its end. */
  #hasSomebodyBegun(): boolean {
    const { ending: end } = this.#pod;
    // Our hook ran, and the hook of another waits: that is a pod that ends.
    if (end?.reason === 'pod' && this.#holds.size > 0) return true;
    const since = end?.startedAt;
    return this.#pod.instances.some(
      ({ hasBegunToLeave, isLive, ending }) =>
        hasBegunToLeave && (isLive || (ending && since !== undefined && ending.at >= since)),
    );
  }

  #goAlone(): void {
    this.#pod.goesOn();
    this.#record('alone', { epoch: this.epoch }, 'only the companion is restarted: the pod goes on');
  }

  async #goLast(): Promise<void> {
    const ending = this.#pod.ending ?? this.#pod.drain({ reason: 'pod' });
    const now = systemClock.monotonicMs();
    const remainingMs = Math.max(ending.deadlineAt - lastMs - now, afterGraceMs);
    await this.#until(() => !this.#isSomebodyLive(), remainingMs);
    this.#looks.look();
    this.#pod.close();
    const lingerMs = Math.min(this.#options.lingerMs, ending.deadlineAt - lastMs - systemClock.monotonicMs());
    if (lingerMs > 0) await this.#until(() => false, lingerMs);
  }

  /** Until it is so, or the time is over. */
  #until(isSo: () => boolean, timeMs: number): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        this.#checks.delete(check);
        resolve();
      };
      const check = () => {
        if (isSo()) settle();
      };
      const timer = setTimeout(settle, timeMs);
      this.#checks.add(check);
      check();
    });
  }

  async #close(): Promise<void> {
    for (const signal of this.#options.signals) process.off(signal, this.#onSignal);
    clearTimeout(this.#timer?.handle);
    this.#timer = undefined;
    // An end that is over is nobody's state: who starts here next starts anew.
    this.#keep({ state: 'running' });
    // First the path: from now on nobody is there, and another may come.
    this.#place.release();
    this.#holds.close();
    this.#streams.close();
    await Promise.all([this.#control.close(closeMs), this.#kubelet.close(closeMs)]);
    this.#metrics?.server.close();
  }

  #happened(event: PodEvent): void {
    switch (event.type) {
      case 'tell':
        this.#streams.send(event.instance, event.event);
        this.#record(
          'told',
          { id: event.instance.id, name: event.instance.name, told: event.event },
          `${event.instance.name} is told ${event.event.type}`,
        );
        break;
      case 'instance': {
        const { instance, from } = event;
        const { id, name, state, reason } = instance;
        if (state === 'starting') this.#metrics?.counts.knows(name);
        this.#record('instance', { id, name, state, from, reason }, `${name} is ${state}`);
        break;
      }
      case 'ended':
        this.#writeReceipt(event.instance, event.ending);
        break;
      case 'drain':
      case 'cancelled': {
        const { id, reason, scope } = event.drain;
        const whom = scope ?? 'the pod';
        const what =
          event.type === 'drain' ? `${whom} leaves (${reason})` : `${whom} stays: cancelled (${reason})`;
        this.#record(event.type, { drain: id, reason, scope }, what);
        if (!this.#isLeaving) this.#keep();
        break;
      }
      case 'pod':
        this.#record('pod', { state: event.to, from: event.from }, `pod is ${event.to}`);
        break;
    }
    this.#changed();
  }

  /** Look again, when all of it has happened: whoever is let go acts at once. */
  #changed(): void {
    if (this.#hasChanged) return;
    this.#hasChanged = true;
    queueMicrotask(() => {
      this.#hasChanged = false;
      this.#waiters.look();
      if (this.#holds.size > 0) this.#looks.look();
      this.#holds.look();
      for (const check of this.#checks) check();
      this.#schedule();
    });
  }

  #writeReceipt(instance: Instance, ending: Ending): void {
    // Of one that was killed the kernel has cleared everything away: what was seen last is what was.
    if (ending.how !== 'eof') this.#looks.look();
    const { podName: pod, podUid, graceMs } = this.#options;
    const { epoch } = this;
    const receipt = this.#book.write(
      departureOf(this.#pod, instance, ending, { pod, podUid, epoch, graceMs }),
    );
    this.#receipts.set(instance, receipt);
    if (this.#pod.ending || this.#isLeaving) this.#verdicts.push(receipt.verdict);
    this.#metrics?.counts.ended(receipt);
    this.#events.add('receipt', {
      id: instance.id,
      name: instance.name,
      verdict: receipt.verdict,
      seq: receipt.seq,
    });
  }

  #schedule(): void {
    const isBusy = this.#pod.drains.length > 0 || this.#holds.size > 0 || this.#isLeaving;
    const everyMs = isBusy ? leavingTickMs : this.#looks.isWanted ? servingTickMs : undefined;
    if (everyMs === this.#timer?.everyMs) return;
    clearInterval(this.#timer?.handle);
    this.#timer = undefined;
    if (everyMs === undefined) return;
    this.#timer = { everyMs, handle: setInterval(() => this.#tick(), everyMs) };
  }

  #tick(): void {
    this.#looks.look();
    this.#pod.tick();
    this.#holds.look();
    for (const check of this.#checks) check();
    this.#schedule();
  }

  /** For the companion that comes after this one. */
  #keep(state?: KeptState['pod']): void {
    const { ending } = this.#pod;
    const pod = state ?? (ending ? terminating(ending) : { state: 'running' as const });
    try {
      writeKept(this.#options.stateFile, { ...this.#kept, pod });
    } catch (error) {
      if (this.#cannotKeep) return;
      this.#cannotKeep = true;
      this.#logger?.warn(
        { err: error, stateFile: this.#options.stateFile },
        'the state cannot be kept: should the companion be restarted while the pod ends, the next one does not know of it',
      );
    }
  }

  #record(type: string, fields: object, message: string): void {
    this.#events.add(type, fields);
    this.#logger?.info(fields, message);
  }

  #openBook(): ReceiptBook {
    const { file, terminationLog, log } = this.#options.receipts;
    return new ReceiptBook({
      ...(file !== undefined && { file }),
      ...(log !== undefined && { log }),
      terminationLog: terminationLog ?? (existsSync(defaultTerminationLog) && defaultTerminationLog),
      onError: (error, where) =>
        this.#logger?.error({ err: error, where }, `a receipt cannot be written to ${where}`),
    });
  }

  #makeControl(): ControlServer {
    const startedAt = systemClock.monotonicMs();
    return new ControlServer(
      {
        pod: this.#pod,
        clock: systemClock,
        epoch: this.epoch,
        streams: this.#streams,
        waiters: this.#waiters,
        events: this.#events,
        receipts: () => this.#book.receipts,
        receiptOf: (instance) => this.#receipts.get(instance),
        about: () => ({
          pid: process.pid,
          pod: this.#options.podName,
          podUid: this.#options.podUid,
          uptimeMs: Math.round(systemClock.monotonicMs() - startedAt),
          residentBytes: process.memoryUsage.rss(),
          holds: this.#holds.size,
        }),
      },
      {
        refused: (refused) => this.#metrics?.counts.refused('control', refused),
        defect: (error) => this.#defect(error),
      },
    );
  }

  #makeKubelet(): KubeletServer {
    const listens = (port: number) => this.#looks.listens(port);
    return new KubeletServer({
      holds: this.#holds,
      readiness: (container) => readinessOf(this.#pod, listens, container),
      started: (container) => hasStarted(this.#pod, listens, container),
      refused: (refused) => this.#metrics?.counts.refused('kubelet', refused),
      defect: (error) => this.#defect(error),
    });
  }

  #defect(error: unknown): void {
    this.#logger?.error({ err: error }, 'a defect of the companion');
  }
}

function terminating({
  reason,
  startedAtWallMs,
  startedAt,
  deadlineAt,
}: NonNullable<Pod['ending']>): KeptState['pod'] {
  return {
    state: 'terminating',
    reason,
    startedAtMs: startedAtWallMs,
    deadlineAtMs: startedAtWallMs + (deadlineAt - startedAt),
  };
}
