import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import { Progression } from '../control/progression.js';
import type {
  ControlTarget,
  Outcome,
  Progress,
  SupervisorStatus,
  UpgradeRequest,
} from '../control/target.js';
import { GenerationProcess, type Reached } from '../generation/generation-process.js';
import { directoryAtStart, environmentAtStart, type Launch, missingFor } from '../generation/launch.js';
import { describeExit, type Exit } from '../generation/state.js';
import { everyServer } from '../generation/ticket-keys.js';
import { registerUpgradeMetrics } from '../upgrade/metrics.js';
import type { RefusalCode } from '../upgrade/state.js';
import { StageFailure, type UpgradeNotice, type UpgradeOutcome, Upgrades } from '../upgrade/upgrade.js';
import type { Inheritance } from '../wire/messages.js';
import { Generation } from './generation.js';
import { HeldSockets } from './held-sockets.js';
import { type ResolvedSupervisor, resolveSupervisor, type SupervisorOptions } from './options.js';
import { serves } from './readiness.js';
import { zombies } from './zombies.js';

/** How long the service that serves may take to say what it hands on, in milliseconds. */
const saveMs = 5_000;
/** Old generations that may drain side by side; one more, and the oldest is ended. */
const mostDraining = 3;
/** What processes get less than the supervisor has, in milliseconds: their last words take a moment. */
const lastMomentMs = 1_000;
/** Between two looks for orphans that died, in milliseconds. */
const lookForZombiesMs = 30_000;

/** What happens, for whoever watches: metrics, a service manager. */
export type SupervisorEvent =
  /** The first generation serves. */
  | { readonly type: 'serving'; readonly generation: number }
  | { readonly type: 'upgrade'; readonly notice: UpgradeNotice }
  /** An upgrade is over, whatever became of it; or it was not begun. */
  | { readonly type: 'upgraded'; readonly outcome: UpgradeOutcome }
  /** A process asked for this much more time, in milliseconds. */
  | { readonly type: 'extend'; readonly ms: number }
  | {
      readonly type: 'crash';
      readonly generation: number;
      readonly pid: number | undefined;
      readonly exit: Exit;
    }
  | { readonly type: 'stopping'; readonly reason: string };

/** Where the supervisor itself stands. */
type SupervisorState = 'starting' | 'serving' | 'draining' | 'drained' | 'stopping' | 'stopped';

/**
 * Holds the sockets of a service, and runs its generations: starts them,
 * replaces them, starts again what crashes, and ends with them. It never
 * accepts a connection, so it can lose none.
 */
export class Supervisor implements ControlTarget {
  readonly #options: ResolvedSupervisor;
  readonly #sockets: HeldSockets;
  readonly #upgrades: Upgrades;
  readonly #generations: Generation[] = [];
  readonly #watchers = new Set<(event: SupervisorEvent) => void>();
  readonly #ticketKeys = { [everyServer]: randomBytes(48).toString('base64') };
  readonly #startedAt = new Date();
  readonly #warnedOf = new Set<number>();
  #state: SupervisorState = 'starting';
  #active: Generation | undefined;
  /** What is to replace it. */
  #candidate: Generation | undefined;
  /** What ran before: what a rollback goes back to. */
  #previous: Launch | undefined;
  #progression: Progression | undefined;
  #ending: Promise<number> | undefined;
  #look: NodeJS.Timeout | undefined;
  #end: (code: number) => void = () => {};
  /** Resolves with the exit code when everything has ended. */
  readonly ended: Promise<number>;

  /**
   * @throws HandoverError `ERR_HANDOVER_OPTION`
   */
  constructor(options: SupervisorOptions) {
    this.#options = resolveSupervisor(options);
    this.#sockets = new HeldSockets();
    this.#upgrades = new Upgrades(1, (notice) => this.#onNotice(notice));
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const { register } = this.#options;
    if (!register) return;
    const metrics = registerUpgradeMetrics(
      register,
      () => this.#active?.number ?? 0,
      () => this.#upgrades.state.name,
    );
    this.watch((event) => {
      if (event.type === 'upgrade') metrics.observe(event.notice);
    });
  }

  /** Hear of what happens. */
  watch(watcher: (event: SupervisorEvent) => void): Disposable {
    this.#watchers.add(watcher);
    return { [Symbol.dispose]: () => void this.#watchers.delete(watcher) };
  }

  /**
   * Bind the sockets and start the first generation. Resolves when it serves;
   * if it cannot, everything ends, and the outcome says why.
   *
   * @throws HandoverError `ERR_HANDOVER_LISTEN`, `ERR_HANDOVER_ENVIRONMENT`
   */
  async start(): Promise<Outcome> {
    await this.#sockets.open(this.#options.listen);
    this.#look = setInterval(() => this.#warnOfZombies(), lookForZombiesMs);
    const { command, cwd } = this.#options;
    const launch = { command, cwd: cwd ?? directoryAtStart(), environment: environmentAtStart() };
    const missing = missingFor(launch);
    if (missing !== undefined) return this.#cannotStart('precheck', missing, 127);
    const generation = this.#newGeneration(1, launch, {});
    this.#candidate = generation;
    const started = await generation.start();
    const serving = started.ok ? await generation.listen() : started;
    this.#candidate = undefined;
    if (this.#ending) return { done: 'failed', code: 'aborted', message: 'it was told to stop' };
    if (!serving.ok) {
      generation.abort('the first generation cannot serve');
      const exits = await generation.exits();
      return this.#cannotStart(serving.failure.code, serving.failure.message, exitCodeOf(exits) || 1);
    }
    generation.activate();
    this.#active = generation;
    this.#state = 'serving';
    this.#tell({ type: 'serving', generation: generation.number });
    this.#log('info', { generation: 1 }, 'generation 1 serves');
    return { done: 'ok' };
  }

  status(): SupervisorStatus {
    const upgrade = this.#upgrades.state;
    return {
      name: this.#options.name,
      pid: process.pid,
      startedAt: this.#startedAt.toISOString(),
      state: this.#upgrades.inProgress ? 'upgrading' : this.#state,
      ...(this.#active && { generation: this.#active.number }),
      sockets: this.#sockets.list.map(({ name, kind, host, port, path }) => ({
        name,
        kind,
        ...(host !== undefined && { host }),
        ...(port !== undefined && { port }),
        ...(path !== undefined && { path }),
      })),
      generations: this.#generations.map((generation) => generation.status()),
      ...('since' in upgrade && {
        upgrade: { stage: upgrade.name, generation: upgrade.generation },
      }),
      zombies: zombies(this.#pids).length,
    };
  }

  upgrade({ command, cwd }: UpgradeRequest = {}): Progress {
    const { launch } = this.#active ?? { launch: this.#previous };
    const first = this.#options.command;
    return this.#replace({
      command: (command as Launch['command'] | undefined) ?? launch?.command ?? first,
      cwd: cwd ?? launch?.cwd ?? directoryAtStart(),
      environment: environmentAtStart(),
    });
  }

  rollback(): Progress {
    if (this.#previous) return this.#replace(this.#previous);
    return refused('no-previous', 'nothing has been upgraded: there is nothing to go back to');
  }

  drain(): Progress {
    const active = this.#active;
    if (!active || this.#upgrades.inProgress) {
      return this.#upgrades.inProgress
        ? refused('in-progress', 'an upgrade is under way')
        : refused('not-ready', 'nothing serves');
    }
    const progression = new Progression();
    this.#state = 'draining';
    progression.tell({ event: 'stage', stage: 'draining', generation: active.number });
    active.stop('drain', this.#options.drainMs);
    void this.#leave(active).then(() => {
      if (this.#state === 'draining') this.#state = 'drained';
      this.#active = undefined;
      this.#previous = active.launch;
      progression.settle({ done: 'ok' });
    });
    return progression;
  }

  stop(reason = 'stop'): Progress {
    const progression = new Progression();
    progression.tell({ event: 'stage', stage: 'stopping' });
    void this.end(reason).then(() => progression.settle({ done: 'ok' }));
    return progression;
  }

  /** End everything; resolves with the exit code. Many calls share one run. */
  end(reason: string): Promise<number> {
    this.#ending ??= this.#endAll(reason);
    return this.#ending;
  }

  /** End everything at once. */
  kill(): void {
    for (const generation of this.#generations) generation.kill();
  }

  async #endAll(reason: string): Promise<number> {
    const { stopMs } = this.#options;
    this.#state = 'stopping';
    this.#tell({ type: 'stopping', reason });
    this.#log('info', { reason }, `stopping (${reason})`);
    this.#candidate?.abort('the service was told to stop');
    const deadlineMs = Math.max(0, stopMs - lastMomentMs);
    for (const generation of this.#generations) generation.stop(reason, deadlineMs);
    const killer = setTimeout(() => this.kill(), Math.max(0, stopMs - lastMomentMs / 2));
    const last = this.#active ?? this.#generations.at(-1);
    const exits = await Promise.all(
      this.#generations.map(async (generation) => ({ generation, exits: await generation.exits() })),
    );
    clearTimeout(killer);
    clearInterval(this.#look);
    this.#sockets.close();
    this.#state = 'stopped';
    const code = exitCodeOf(exits.find(({ generation }) => generation === last)?.exits ?? []);
    this.#log('info', { code }, `stopped with code ${code}`);
    this.#end(code);
    return code;
  }

  async #cannotStart(code: string, message: string, exitCode: number): Promise<Outcome> {
    this.#log('error', { code }, `the service cannot be started: ${message}`);
    clearInterval(this.#look);
    this.#sockets.close();
    this.#state = 'stopped';
    this.#ending ??= Promise.resolve(exitCode);
    this.#end(exitCode);
    return { done: 'failed', code, message };
  }

  #replace(launch: Launch): Progress {
    const refusal = this.#refusal();
    if (refusal) {
      this.#tell({ type: 'upgraded', outcome: { result: 'refused', ...refusal } });
      return refused(refusal.code, refusal.message);
    }
    const progression = new Progression();
    this.#progression = progression;
    const old = this.#active;
    const number = this.#upgrades.nextGeneration();
    const rolling = this.#options.rolling && old !== undefined;
    let generation: Generation | undefined;
    const begun = () => generation as Generation;
    const batches = rolling ? old.places.map((place) => [place]) : [undefined];
    /** Places that the new generation has taken over. */
    const taken: number[] = [];
    const run = this.#upgrades.run(
      number,
      {
        precheck: async () => {
          const missing = missingFor(launch);
          if (missing !== undefined) throw new StageFailure('precheck', missing);
        },
        start: async () => {
          const inheritance = await this.#inherited();
          this.#assertStays();
          generation = this.#newGeneration(number, launch, inheritance);
          this.#candidate = generation;
          assertReached(await generation.start(batches[0]));
        },
        handover: async () => assertReached(await begun().listen(batches[0])),
        healthcheck: async () => {
          for (const [index, batch] of batches.entries()) {
            const places = batch ?? begun().places;
            if (index > 0) {
              assertReached(await begun().start(places));
              assertReached(await begun().listen(places));
            }
            await this.#overlap(begun(), places);
            this.#assertStays();
            begun().activate(places);
            if (!batch) continue;
            taken.push(...places);
            old?.drain(`replaced by generation ${number}`, this.#options.drainMs, places);
          }
        },
      },
      async () => {
        generation?.abort('the upgrade was given up');
        await generation?.exits();
        this.#forget(generation);
        if (!this.#ending) await old?.refill(taken);
      },
    );
    void run.then((outcome) => {
      this.#candidate = undefined;
      this.#progression = undefined;
      if (outcome.result === 'success') this.#takeOver(begun(), old, rolling);
      this.#tell({ type: 'upgraded', outcome });
      if (outcome.result !== 'failed') {
        progression.settle({ done: 'ok' });
        return;
      }
      const { code, message } = outcome;
      progression.settle({ done: 'failed', code, message: `${message}; what served before serves on` });
    });
    return progression;
  }

  #takeOver(generation: Generation, old: Generation | undefined, rolling: boolean): void {
    this.#active = generation;
    this.#state = 'serving';
    if (!old) return;
    this.#previous = old.launch;
    if (rolling) old.replaced();
    else old.drain(`replaced by generation ${generation.number}`, this.#options.drainMs);
    void this.#leave(old);
    const draining = this.#generations.filter(({ state }) => state === 'draining');
    for (const oldest of draining.slice(0, -mostDraining)) oldest.kill();
  }

  #refusal(): { code: RefusalCode; message: string } | undefined {
    if (this.#ending) return { code: 'stopping', message: 'the service is stopping' };
    if (this.#upgrades.inProgress)
      return { code: 'in-progress', message: `an upgrade is in its stage "${this.#upgrades.state.name}"` };
    if (this.#state === 'starting')
      return { code: 'not-ready', message: 'the first generation does not serve yet' };
    if (this.#state === 'draining') return { code: 'stopping', message: 'the service is draining' };
    return undefined;
  }

  #newGeneration(number: number, launch: Launch, inheritance: Inheritance): Generation {
    const generation = new Generation({
      number,
      launch,
      workers: this.#options.workers,
      start: () => this.#startProcess(number, launch, inheritance),
      onCrash: (crashed, process, delayMs) => this.#onCrash(crashed, process, delayMs),
    });
    this.#generations.push(generation);
    return generation;
  }

  #startProcess(generation: number, launch: Launch, inheritance: Inheritance): GenerationProcess {
    const { readyMs, listenMs, terminateMs, stopSignal, readiness } = this.#options;
    const found = new AbortController();
    const process = new GenerationProcess({
      generation,
      form: 'supervisor',
      launch: { ...launch, environment: withJoin(launch.environment) },
      sockets: this.#sockets.list,
      inheritance: { ...inheritance, ticketKeys: this.#ticketKeys },
      readyMs,
      listenMs,
      terminateMs,
      stopSignal,
      // Ctrl-C is for the supervisor alone, which then tells its processes.
      detached: true,
      onState: (state) => {
        if (state.name !== 'spawned' && state.name !== 'hello') found.abort();
        this.#log(
          'info',
          { generation, pid: process.pid },
          `generation ${generation}: process ${process.pid} ${state.name}`,
        );
      },
      onOddity: (what) =>
        this.#log('warn', { generation, pid: process.pid }, `generation ${generation}: ${what}`),
      onExtend: (ms) => this.#tell({ type: 'extend', ms }),
    });
    if (readiness.kind !== 'channel') {
      serves(readiness, found.signal).then(
        () => process.noteReady(),
        () => {},
      );
    }
    return process;
  }

  async #inherited(): Promise<Inheritance> {
    const serving = this.#active?.processes.find(({ state }) => state.name === 'active');
    const answer = await serving?.save(saveMs);
    if (answer?.error !== undefined)
      throw new StageFailure('state', `the state to hand on could not be saved: ${answer.error}`);
    return answer?.state === undefined ? {} : { state: answer.state };
  }

  async #overlap(generation: Generation, places: readonly number[]): Promise<void> {
    let over: NodeJS.Timeout | undefined;
    const time = new Promise<undefined>((resolve) => {
      over = setTimeout(resolve, this.#options.overlapMs, undefined);
    });
    const failure = await Promise.race([time, generation.fails(places)]);
    clearTimeout(over);
    if (failure) throw new StageFailure(failure.code, failure.message);
  }

  #assertStays(): void {
    if (this.#ending) throw new StageFailure('aborted', 'the service was told to stop');
  }

  #onCrash(generation: Generation, process: GenerationProcess, delayMs: number): void {
    const { state, pid } = process;
    const exit = state.name === 'exited' ? state.exit : { code: null, signal: null };
    this.#tell({ type: 'crash', generation: generation.number, pid, exit });
    this.#log(
      'error',
      { generation: generation.number, pid, ...exit },
      `generation ${generation.number}: process ${pid} exited ${describeExit(exit)}; another is started in ${Math.round(delayMs)} ms`,
    );
    this.#mayRollBack(generation);
  }

  /** A version that keeps crashing after it took over is no better than one that never came up. */
  #mayRollBack(generation: Generation): void {
    const { rollback } = this.#options;
    if (rollback === false || generation !== this.#active || !this.#previous || this.#upgrades.inProgress)
      return;
    if (generation.crashes < rollback.crashes || generation.activeMs > rollback.withinMs) return;
    this.#log(
      'error',
      { generation: generation.number },
      `generation ${generation.number} has crashed ${generation.crashes} times since it took over: rolling back`,
    );
    const previous = this.#previous;
    void this.#replace(previous).done;
  }

  async #leave(generation: Generation): Promise<void> {
    await generation.exits();
    this.#forget(generation);
    this.#log('info', { generation: generation.number }, `generation ${generation.number} has left`);
  }

  #forget(generation: Generation | undefined): void {
    const index = generation ? this.#generations.indexOf(generation) : -1;
    if (index !== -1) this.#generations.splice(index, 1);
  }

  #onNotice(notice: UpgradeNotice): void {
    const { generation, stage, failure } = notice;
    this.#progression?.tell({ event: 'stage', stage, generation, ...(failure && { text: failure.message }) });
    this.#tell({ type: 'upgrade', notice });
    if (failure) {
      this.#log(
        'error',
        { ...notice },
        `upgrade to generation ${generation} failed in ${failure.stage}: ${failure.message}; what served before serves on`,
      );
    } else this.#log('info', { ...notice }, `upgrade to generation ${generation}: ${stage}`);
  }

  get #pids(): Set<number> {
    const pids = this.#generations.flatMap(({ processes }) => processes.map(({ pid }) => pid));
    return new Set(pids.filter((pid) => pid !== undefined));
  }

  #warnOfZombies(): void {
    for (const { pid, name } of zombies(this.#pids)) {
      if (this.#warnedOf.has(pid)) continue;
      this.#warnedOf.add(pid);
      this.#log(
        'warn',
        { pid, program: name },
        `${name} (pid ${pid}) has died and nobody waits for it: run an init above this process (\`docker run --init\`, tini, shareProcessNamespace)`,
      );
    }
  }

  #tell(event: SupervisorEvent): void {
    for (const watcher of this.#watchers) watcher(event);
  }

  #log(level: 'info' | 'warn' | 'error', fields: object, message: string): void {
    const { logger } = this.#options;
    if (logger) logger[level](fields, message);
  }
}

function refused(code: RefusalCode, message: string): Progress {
  return Progression.settled({ done: 'refused', code, message });
}

function assertReached(reached: Reached): void {
  if (!reached.ok) throw new StageFailure(reached.failure.code, reached.failure.message);
}

/** What a shell would say: the code, or 128 and the number of the signal; the first that is not 0. */
function exitCodeOf(exits: readonly Exit[]): number {
  for (const { code, signal } of exits) {
    if (signal) return 128 + constants.signals[signal];
    if (code) return code;
  }
  return 0;
}

/** Node services join the protocol without knowing of it: this is loaded before them. */
function withJoin(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const join = `--import=${new URL('../join.js', import.meta.url).href}`;
  const { NODE_OPTIONS } = environment;
  return { ...environment, NODE_OPTIONS: NODE_OPTIONS ? `${join} ${NODE_OPTIONS}` : join };
}
