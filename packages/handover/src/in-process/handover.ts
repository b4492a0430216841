import type { Graceful } from '@graceful/core';
import { type HandoverKit, handoverKit } from '@graceful/core/handover';
import { GenerationProcess, type Reached } from '../generation/generation-process.js';
import { joined } from '../generation/joined.js';
import { describeExit } from '../generation/state.js';
import { directoryAtStart, environmentAtStart, type Launch, thisProgram } from '../generation/launch.js';
import type { Member, Parent } from '../generation/member.js';
import { sessionsOf } from '../generation/tls-sessions.js';
import { messageOf } from '../message-of.js';
import { registerUpgradeMetrics, type UpgradeMetrics } from '../upgrade/metrics.js';
import { overlap } from '../upgrade/overlap.js';
import type { RefusalCode, UpgradeState } from '../upgrade/state.js';
import { StageFailure, type UpgradeNotice, type UpgradeOutcome, Upgrades } from '../upgrade/upgrade.js';
import { assertInheritable } from '../wire/inheritable.js';
import type { Inheritance } from '../wire/messages.js';
import { duration } from '../options.js';
import { type HandoverOptions, type ResolvedHandover, resolveHandover } from './options.js';
import { PidFile } from './pid-file.js';
import { assertPresent, tryOut } from './pre-flight.js';
import { endsWithThisProcess } from './refusal.js';
import { withinTime } from './time.js';

/** A service that can be replaced while it runs. */
export interface Handover extends Disposable {
  /** Of this process: 1 where it was started cold, and one more with each that is begun. */
  readonly generation: number;
  /** What started this process: nobody who knows of it, the generation before, or a supervisor. */
  readonly parent: 'none' | Parent;
  /** Where the latest upgrade stands. */
  readonly upgradeState: UpgradeState;
  /**
   * Start a new generation, and leave when it serves. If it fails in any way,
   * this one has never stopped serving. Never rejects.
   */
  upgrade(): Promise<UpgradeOutcome>;
  /**
   * This process needs longer until it is ready to listen: `ms` from now, up
   * to ten times what it was given. Where nobody waits for it nothing happens.
   *
   * @throws HandoverError `ERR_HANDOVER_OPTION`
   */
  extend(ms: number): void;
  /** Hear of each stage. */
  onUpgrade(listener: (notice: UpgradeNotice) => void): Disposable;
}

/** What tells that the service is going in the phase `drain` of its hooks. */
const hookName = 'handover';

/**
 * Let the process of `graceful` be replaced while it runs: at `SIGUSR2` a new
 * one is started with the listening sockets, and this one drains only when
 * that serves. Call it before `graceful.listen()`. Under `graceful run` it
 * hands on the state, and leaves the rest to the supervisor.
 *
 * @throws HandoverError `ERR_HANDOVER_OPTION`, `ERR_HANDOVER_ENVIRONMENT`
 */
export function handover(graceful: Graceful, options: HandoverOptions = {}): Handover {
  return new InProcess(graceful, resolveHandover(options));
}

class InProcess implements Handover {
  readonly #graceful: Graceful;
  readonly #kit: HandoverKit;
  readonly #options: ResolvedHandover;
  readonly #member: Member | undefined;
  readonly #upgrades: Upgrades;
  readonly #pidFile: PidFile | undefined;
  readonly #listeners = new Set<(notice: UpgradeNotice) => void>();
  readonly #installed: Disposable[] = [];
  readonly #metrics: UpgradeMetrics | undefined;
  /** The one that is to replace this one. */
  #successor: GenerationProcess | undefined;
  #replaced = false;
  /** `save` was called for an upgrade that is not over. */
  #saved = false;
  /** What took over is no more, and in what way. */
  #lost: string | undefined;
  #mayWritePidFile: boolean;

  constructor(graceful: Graceful, options: ResolvedHandover) {
    this.#graceful = graceful;
    this.#options = options;
    this.#kit = handoverKit(graceful);
    this.#member = joined();
    this.#upgrades = new Upgrades(this.generation, (notice) => this.#tell(notice));
    this.#pidFile = options.pidFile === undefined ? undefined : new PidFile(options.pidFile);
    this.#mayWritePidFile = this.#member === undefined;
    if (options.register) {
      this.#metrics = registerUpgradeMetrics(
        options.register,
        () => this.generation,
        () => this.#upgrades.state.name,
      );
      this.#installed.push(this.#metrics);
    }

    this.#member?.bind(graceful, this.#kit);
    this.#member?.handOn(options.state);
    this.#member?.listen({
      active: () => {
        this.#mayWritePidFile = true;
        this.#writeOwnPid();
        // A supervisor counts for itself.
        if (this.parent !== 'supervisor') this.#metrics?.tookOver();
      },
    });
    const { signal } = options;
    if (signal !== false && this.parent !== 'supervisor') {
      const onSignal = () => void this.upgrade();
      process.on(signal, onSignal);
      this.#installed.push({ [Symbol.dispose]: () => process.off(signal, onSignal) });
    }
    this.#installed.push(
      graceful.on('state', ({ state }) => {
        if (state === 'ready') this.#writeOwnPid();
        else if (state !== 'starting') this.#giveUpSuccessor();
      }),
      // Its exit is waited for: nobody else would know of it.
      graceful.onShutdown(hookName, () => this.#successorGone(), { phase: 'drain' }),
      graceful.onShutdown(`${hookName} taken`, () => this.#assertTaken(), { phase: 'flush' }),
      graceful.on('report', () => this.#pidFile?.remove(process.pid)),
    );
    if (graceful.state === 'ready') this.#writeOwnPid();
  }

  get generation(): number {
    return this.#member?.generation ?? 1;
  }

  get parent(): 'none' | Parent {
    return this.#member?.parent ?? 'none';
  }

  get upgradeState(): UpgradeState {
    return this.#upgrades.state;
  }

  onUpgrade(listener: (notice: UpgradeNotice) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  extend(ms: number): void {
    this.#member?.extend(duration('ms', ms, 0));
  }

  async upgrade(): Promise<UpgradeOutcome> {
    const refusal = this.#refusal();
    if (refusal) {
      this.#log('warn', { ...refusal }, `upgrade refused: ${refusal.message}`);
      return { result: 'refused', ...refusal };
    }
    const generation = this.#upgrades.nextGeneration();
    const { command, environment, checkMs, overlapMs } = this.#options;
    let launch: Launch | undefined;
    const outcome = await this.#upgrades.run(
      generation,
      {
        precheck: async () => {
          launch = this.#launch(command, environment);
          assertPresent(launch, command === undefined);
          if (checkMs !== undefined) await tryOut(launch, checkMs, this.#graceful.draining);
        },
        start: async () => {
          const inheritance = await this.#inheritance();
          this.#assertStays();
          const successor = this.#start(generation, launch as Launch, inheritance);
          this.#successor = successor;
          assertReached(await successor.reaches('prepared'));
        },
        handover: async () => {
          this.#successor?.go();
          assertReached(await (this.#successor as GenerationProcess).reaches('ready'));
        },
        healthcheck: async () => {
          const successor = this.#successor as GenerationProcess;
          const failure = await overlap(overlapMs, successor.ends());
          if (failure) throw new StageFailure(failure.code, failure.message);
          this.#commit(successor);
        },
      },
      () => this.#undo(),
    );
    if (outcome.result === 'success') {
      this.#leave(this.#successor as GenerationProcess, generation);
    }
    return outcome;
  }

  [Symbol.dispose](): void {
    for (const installed of this.#installed.splice(0)) installed[Symbol.dispose]();
  }

  #refusal(): { code: RefusalCode; message: string } | undefined {
    const { state } = this.#graceful;
    if (this.parent === 'supervisor')
      return { code: 'supervised', message: 'a supervisor holds the sockets: use `graceful upgrade`' };
    if (this.#upgrades.inProgress)
      return { code: 'in-progress', message: `an upgrade is in its stage "${this.#upgrades.state.name}"` };
    if (state === 'starting') return { code: 'not-ready', message: 'the service is not ready yet' };
    if (state !== 'ready') return { code: 'stopping', message: `the service is leaving (${state})` };
    if (this.#member && this.#member.parent !== 'gone')
      return { code: 'parent-draining', message: 'the generation before this one is still draining' };
    const end = this.#options.force ? undefined : endsWithThisProcess();
    if (end !== undefined) return { code: 'pid-1', message: end };
    const fleeting = this.#kit.listening().find(({ keepsPath }) => !keepsPath);
    if (fleeting)
      return {
        code: 'socket',
        message: `the Unix socket ${fleeting.path} would vanish with this process: open it with graceful.listen()`,
      };
    return undefined;
  }

  #launch(command: ResolvedHandover['command'], environment: ResolvedHandover['environment']): Launch {
    const program: Launch = command
      ? { command, cwd: directoryAtStart(), environment: environmentAtStart() }
      : thisProgram();
    const merged = { ...program.environment, ...environment };
    for (const [name, value] of Object.entries(merged)) if (value === undefined) delete merged[name];
    return { ...program, environment: merged };
  }

  async #inheritance(): Promise<Inheritance> {
    const { readyMs, state: app } = this.#options;
    const sessions = sessionsOf(this.#kit.listening());
    try {
      this.#saved = app.save !== undefined;
      const state = await withinTime(readyMs, 'save()', async () => app.save?.());
      const inheritance = { ...(state !== undefined && { state }), ...sessions };
      assertInheritable(inheritance);
      return inheritance;
    } catch (error) {
      throw new StageFailure('state', `the state to hand on could not be saved: ${messageOf(error)}`);
    }
  }

  /** Saving may have taken its time. */
  #assertStays(): void {
    if (this.#graceful.state !== 'ready')
      throw new StageFailure('aborted', `the service is no longer ready (${this.#graceful.state})`);
  }

  #start(generation: number, launch: Launch, inheritance: Inheritance): GenerationProcess {
    const { readyMs, listenMs, terminateMs } = this.#options;
    return new GenerationProcess({
      generation,
      form: 'process',
      launch,
      inheritance,
      readyMs,
      listenMs,
      terminateMs,
      detached: false,
      stopSignal: 'SIGTERM',
      sockets: this.#kit
        .listening()
        .map(({ server: _server, keepsPath: _keepsPath, ...socket }) => ({ ...socket, sameService: true })),
      onOddity: (what) => this.#log('warn', { generation }, `generation ${generation}: ${what}`),
    });
  }

  /** All at once: nothing may come between the pid file and the word. */
  #commit(successor: GenerationProcess): void {
    this.#assertStays();
    const { pid } = successor;
    try {
      if (pid !== undefined) this.#pidFile?.write(pid);
    } catch (error) {
      throw new StageFailure('pid-file', `the pid file cannot be written: ${messageOf(error)}`);
    }
    successor.activate();
    if (successor.state.name !== 'active')
      throw new StageFailure('exit', `it is "${successor.state.name}" at the moment it was to take over`);
  }

  async #undo(): Promise<void> {
    const successor = this.#successor;
    successor?.abort({ code: 'aborted', message: 'the upgrade was given up' });
    await successor?.exit();
    this.#successor = undefined;
    // The new one, or this one for it, may have put another number there.
    this.#writeOwnPid();
    if (!this.#saved) return;
    this.#saved = false;
    const { state, readyMs } = this.#options;
    await withinTime(readyMs, 'undo()', async () => state.undo?.());
  }

  /** At once, and not only when this one drains: it would accept what it cannot keep. */
  #giveUpSuccessor(): void {
    if (this.#replaced) return;
    this.#successor?.abort({ code: 'aborted', message: 'the service was told to stop' });
  }

  async #successorGone(): Promise<void> {
    if (!this.#replaced) await this.#successor?.exit();
  }

  #leave(successor: GenerationProcess, generation: number): void {
    this.#replaced = true;
    this.#kit.handOver();
    void this.#kit.leave(`replaced by generation ${generation} (pid ${successor.pid})`);
    void successor.exit().then((exit) => {
      // Told to stop, it may well be the first to be done.
      if (exit.code === 0) return;
      this.#lost = `generation ${generation}, which had taken over, exited ${describeExit(exit)}: nobody serves`;
      this.#log('error', { generation, ...exit }, this.#lost);
      if (successor.pid !== undefined) this.#pidFile?.remove(successor.pid);
    });
  }

  /** The exit code is all that is left to tell whoever watches over this process to start it anew. */
  #assertTaken(): void {
    if (this.#lost !== undefined) throw new Error(this.#lost);
  }

  #writeOwnPid(): void {
    const { state } = this.#graceful;
    if (!this.#pidFile || !this.#mayWritePidFile || this.#replaced || state !== 'ready') return;
    if (this.#pidFile.read() === process.pid) return;
    try {
      this.#pidFile.write(process.pid);
    } catch (error) {
      this.#log('error', { err: error }, `the pid file cannot be written: ${messageOf(error)}`);
    }
  }

  #tell(notice: UpgradeNotice): void {
    const { generation, stage, failure } = notice;
    if (failure) {
      this.#log(
        'error',
        { ...notice },
        `upgrade to generation ${generation} failed in ${failure.stage}: ${failure.message}; this one serves on`,
      );
    } else this.#log('info', { ...notice }, `upgrade to generation ${generation}: ${stage}`);
    this.#metrics?.observe(notice);
    for (const listener of this.#listeners) {
      try {
        listener(notice);
      } catch (error) {
        this.#log('error', { err: error }, `a listener of upgrades threw: ${messageOf(error)}`);
      }
    }
  }

  #log(level: 'info' | 'warn' | 'error', fields: object, message: string): void {
    const { logger } = this.#kit;
    try {
      if (logger) logger[level](fields, message);
    } catch {
      // Nobody is left to be told, and an upgrade must not stop half-way for that.
    }
  }
}

function assertReached(reached: Reached): void {
  if (!reached.ok) throw new StageFailure(reached.failure.code, reached.failure.message);
}
