import { Progression } from '../control/progression.js';
import type {
  ControlTarget,
  Outcome,
  Progress,
  SupervisorStatus,
  UpgradeRequest,
} from '../control/target.js';
import type { GenerationProcess } from '../generation/generation-process.js';
import { directoryAtStart, environmentAtStart, type Launch, missingFor } from '../generation/launch.js';
import { describeExit } from '../generation/state.js';
import { registerUpgradeMetrics } from '../upgrade/metrics.js';
import type { RefusalCode } from '../upgrade/state.js';
import { type UpgradeNotice, Upgrades } from '../upgrade/upgrade.js';
import type { SupervisorEvent } from './events.js';
import { exitCodeOf, exitCodeOfFailure, notFound } from './exit-code.js';
import { Generation } from './generation.js';
import { HeldSockets } from './held-sockets.js';
import { type ResolvedSupervisor, resolveSupervisor, type SupervisorOptions } from './options.js';
import { Replacement } from './replacement.js';
import { isHopeless, type Origin } from './roll-back.js';
import { type ProcessListener, Spawner } from './spawner.js';
import { ZombieWatch } from './zombies.js';

/** Old generations that may drain side by side; one more, and the oldest is ended. */
const mostDraining = 3;
/** Of the time to stop, what the processes are not told of: for their last words and for our own, in milliseconds, but no more than a share. */
const lastWordsMs = 2_000;
const lastWordsShare = 0.2;

/** Where the supervisor itself stands. */
type SupervisorState = 'starting' | 'serving' | 'draining' | 'drained' | 'stopping' | 'stopped';

/**
 * Holds the sockets of a service, and runs its generations: starts them,
 * replaces them, starts again what crashes, and ends with them. It never
 * accepts a connection, so it can lose none.
 */
export class Supervisor implements ControlTarget {
  /** Resolves with the exit code when everything has ended. */
  readonly ended: Promise<number>;
  readonly #options: ResolvedSupervisor;
  readonly #sockets = new HeldSockets();
  readonly #spawner: Spawner;
  readonly #upgrades: Upgrades;
  readonly #zombies: ZombieWatch;
  readonly #generations: Generation[] = [];
  readonly #watchers = new Set<(event: SupervisorEvent) => void>();
  readonly #startedAt = new Date();
  #state: SupervisorState = 'starting';
  #active: Generation | undefined;
  /** What is started next, unless it is said otherwise. */
  #current: Launch;
  /** What ran before: what a rollback goes back to. */
  #previous: Launch | undefined;
  #replacement: Replacement | undefined;
  #progression: Progression | undefined;
  #ending: Promise<number> | undefined;
  #end: (code: number) => void = () => {};

  /**
   * @throws HandoverError `ERR_HANDOVER_OPTION`
   */
  constructor(options: SupervisorOptions) {
    this.#options = resolveSupervisor(options);
    const { command, cwd = directoryAtStart(), register } = this.#options;
    this.#current = { command, cwd, environment: environmentAtStart() };
    this.#spawner = new Spawner(this.#options, this.#sockets);
    this.#upgrades = new Upgrades(1, (notice) => this.#onNotice(notice));
    this.#zombies = new ZombieWatch(
      () => this.#pids,
      ({ pid, name }) =>
        this.#log(
          'warn',
          { pid, program: name },
          `${name} (pid ${pid}) has died and nobody waits for it: run an init above this process (\`docker run --init\`, tini, shareProcessNamespace)`,
        ),
    );
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
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
    // Whoever is told to stop before it has begun, or while it binds, starts nothing.
    if (!this.#ending) await this.#sockets.open(this.#options.listen);
    if (this.#ending) {
      this.#sockets.close();
      return { done: 'failed', code: 'aborted', message: 'it was told to stop' };
    }
    this.#zombies.begin();
    const missing = missingFor(this.#current);
    if (missing !== undefined) return this.#cannotStart('precheck', missing, notFound);
    const generation = this.#create(1, this.#current, 'start');
    const started = await generation.start();
    const serving = started.ok ? await generation.listen() : started;
    if (this.#ending) return { done: 'failed', code: 'aborted', message: 'it was told to stop' };
    if (!serving.ok) {
      const { code, message } = serving.failure;
      const exitCode = exitCodeOfFailure(code, generation.exitsSoFar);
      generation.giveUp('the first generation cannot serve');
      await generation.exits();
      return this.#cannotStart(code, message, exitCode);
    }
    generation.activate();
    this.#active = generation;
    this.#state = 'serving';
    this.#tell({ type: 'serving', generation: generation.number });
    this.#log('info', { generation: 1 }, 'generation 1 serves');
    return { done: 'ok' };
  }

  /** How things are at this moment. */
  status(): SupervisorStatus {
    const upgrade = this.#upgrades.state;
    return {
      name: this.#options.name,
      pid: process.pid,
      startedAt: this.#startedAt.toISOString(),
      state: this.#upgrades.inProgress && !this.#ending ? 'upgrading' : this.#state,
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
        upgrade: {
          stage: upgrade.name,
          generation: upgrade.generation,
          ...(this.#replacement && { startedAt: this.#replacement.startedAt.toISOString() }),
        },
      }),
      zombies: this.#zombies.count,
    };
  }

  /** Start a new generation; the old one leaves when the new one serves. */
  upgrade({ command, cwd }: UpgradeRequest = {}): Progress {
    const { command: present, cwd: here } = this.#current;
    return this.#replace(
      {
        command: (command as Launch['command'] | undefined) ?? present,
        cwd: cwd ?? here,
        environment: environmentAtStart(),
      },
      'upgrade',
    );
  }

  /** Go back to what ran before. */
  rollback(): Progress {
    if (this.#previous) return this.#replace(this.#previous, 'rollback');
    return refused('no-previous', 'nothing has been upgraded: there is nothing to go back to');
  }

  /** Let what serves finish its work and leave; the sockets stay, and whoever connects waits for an upgrade. */
  drain(): Progress {
    const refusal = this.#refusal();
    if (refusal) return refused(refusal.code, refusal.message);
    const active = this.#active;
    if (!active) return refused('not-ready', 'nothing serves');
    const progression = new Progression();
    this.#state = 'draining';
    progression.tell({ event: 'stage', stage: 'draining', generation: active.number });
    active.stop('drain', this.#options.drainMs);
    void this.#retire(active).then(() => {
      if (this.#state === 'draining') this.#state = 'drained';
      this.#active = undefined;
      progression.settle({ done: 'ok' });
    });
    return progression;
  }

  /** End the service in order. */
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
    void this.end('killed');
    this.#killAll();
    this.#sockets.close();
  }

  #killAll(): void {
    for (const generation of this.#generations) generation.kill();
  }

  async #endAll(reason: string): Promise<number> {
    const { stopMs } = this.#options;
    this.#state = 'stopping';
    this.#tell({ type: 'stopping', reason });
    this.#log('info', { reason }, `stopping (${reason})`);
    const reserveMs = Math.min(lastWordsMs, stopMs * lastWordsShare);
    for (const generation of this.#generations) generation.stop(reason, stopMs - reserveMs);
    const killer = setTimeout(() => this.#killAll(), stopMs - reserveMs / 2);
    const last = this.#active ?? this.#generations.at(-1);
    const exits = await Promise.all(
      this.#generations.map(async (generation) => ({ generation, exits: await generation.exits() })),
    );
    clearTimeout(killer);
    return this.#close(exitCodeOf(exits.find(({ generation }) => generation === last)?.exits ?? []));
  }

  #cannotStart(code: string, message: string, exitCode: number): Outcome {
    this.#log('error', { code }, `the service cannot be started: ${message}`);
    this.#ending ??= Promise.resolve(this.#close(exitCode));
    return { done: 'failed', code, message };
  }

  #close(code: number): number {
    this.#zombies[Symbol.dispose]();
    this.#sockets.close();
    this.#state = 'stopped';
    this.#log('info', { code }, `stopped with code ${code}`);
    this.#end(code);
    return code;
  }

  #replace(launch: Launch, origin: Exclude<Origin, 'start'>): Progress {
    const refusal = this.#refusal();
    if (refusal) {
      this.#tell({ type: 'upgraded', outcome: { result: 'refused', ...refusal } });
      return refused(refusal.code, refusal.message);
    }
    const progression = new Progression();
    const { rolling, overlapMs, drainMs, workers } = this.#options;
    const number = this.#upgrades.nextGeneration();
    const old = this.#active;
    const replacement = new Replacement({
      upgrades: this.#upgrades,
      number,
      launch,
      old,
      create: () => this.#create(number, launch, origin),
      places: Array.from({ length: workers }, (_, place) => place),
      rolling,
      overlapMs,
      drainMs,
      ending: () => this.#ending !== undefined,
      retire: (generation) => this.#retire(generation),
    });
    this.#progression = progression;
    this.#replacement = replacement;
    void replacement.run().then((outcome) => {
      this.#progression = undefined;
      this.#replacement = undefined;
      if (outcome.result === 'success') this.#tookOver(replacement.generation, old);
      this.#tell({ type: 'upgraded', outcome });
      if (outcome.result !== 'failed') {
        progression.settle({ done: 'ok' });
        return;
      }
      const { code, message } = outcome;
      progression.settle({ done: 'failed', code, message: this.#withComfort(message) });
    });
    return progression;
  }

  #tookOver(generation: Generation, old: Generation | undefined): void {
    this.#previous = this.#current;
    this.#current = generation.launch;
    this.#active = generation;
    if (!this.#ending) this.#state = 'serving';
    if (old) void this.#retire(old);
    const draining = this.#generations.filter(({ state }) => state === 'draining');
    for (const oldest of draining.slice(0, -mostDraining)) {
      this.#log(
        'warn',
        { generation: oldest.number },
        `generation ${oldest.number} is ended: ${draining.length} drain, and no more than ${mostDraining} may`,
      );
      oldest.kill();
    }
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

  #create(number: number, launch: Launch, origin: Origin): Generation {
    const generation = new Generation({
      number,
      launch,
      origin,
      workers: this.#options.workers,
      drainMs: this.#options.drainMs,
      start: (_number, _launch, state) =>
        this.#spawner.start(number, launch, state, (pidOf) => this.#listenerOf(number, pidOf)),
      onCrash: (crashed, ended, delayMs) => this.#onCrash(crashed, ended, delayMs),
    });
    this.#generations.push(generation);
    return generation;
  }

  #listenerOf(generation: number, pidOf: () => number | undefined): ProcessListener {
    return {
      onState: ({ name }) => {
        const pid = pidOf();
        const fields = { generation, pid, state: name };
        this.#log('info', fields, `generation ${generation}: process ${pid} ${name}`);
        // What it leaves behind is ours from now on, where we are PID 1.
        if (name === 'exited') this.#zombies.lookSoon();
      },
      onOddity: (what) =>
        this.#log('warn', { generation, pid: pidOf() }, `generation ${generation}: ${what}`),
      onExtend: (ms) => this.#tell({ type: 'extend', ms }),
    };
  }

  #onCrash(generation: Generation, { state, pid }: GenerationProcess, delayMs: number): void {
    const { number } = generation;
    const exit = state.name === 'exited' ? state.exit : undefined;
    this.#tell({ type: 'crash', generation: number, pid, ...(exit && { exit }) });
    this.#log(
      'error',
      { generation: number, pid, ...exit },
      `generation ${number}: process ${pid} ${exit ? `exited ${describeExit(exit)}` : 'leaves by itself'}; another is started in ${Math.round(delayMs)} ms`,
    );
    if (generation !== this.#active || !this.#previous || this.#refusal()) return;
    if (!isHopeless(generation, this.#options.rollback)) return;
    this.#log(
      'error',
      { generation: generation.number },
      `generation ${generation.number} has crashed ${generation.crashes} times since it took over: rolling back`,
    );
    this.#replace(this.#previous, 'rollback');
  }

  /** What leaves is among the generations until it has. */
  async #retire(generation: Generation): Promise<void> {
    await generation.exits();
    this.#generations.splice(this.#generations.indexOf(generation), 1);
    this.#log('info', { generation: generation.number }, `generation ${generation.number} has left`);
  }

  #onNotice(notice: UpgradeNotice): void {
    const { generation, stage, failure } = notice;
    this.#progression?.tell({ event: 'stage', stage, generation, ...(failure && { text: failure.message }) });
    this.#tell({ type: 'upgrade', notice });
    const upgrade = `upgrade to generation ${generation}`;
    if (failure) {
      const why = `${upgrade} failed in ${failure.stage}: ${this.#withComfort(failure.message)}`;
      this.#log('error', { ...notice }, why);
    } else this.#log('info', { ...notice }, `${upgrade}: ${stage}`);
  }

  #withComfort(message: string): string {
    return this.#ending || !this.#active ? message : `${message}; what served before serves on`;
  }

  get #pids(): Set<number> {
    const pids = this.#generations.flatMap(({ processes }) => processes.map(({ pid }) => pid));
    return new Set(pids.filter((pid) => pid !== undefined));
  }

  #tell(event: SupervisorEvent): void {
    for (const watcher of this.#watchers) {
      try {
        watcher(event);
      } catch (error) {
        this.#log('error', { err: error }, `a listener threw: ${String(error)}`);
      }
    }
  }

  #log(level: 'info' | 'warn' | 'error', fields: object, message: string): void {
    const { logger } = this.#options;
    if (logger) logger[level](fields, message);
  }
}

function refused(code: RefusalCode, message: string): Progress {
  return Progression.settled({ done: 'refused', code, message });
}
