import { GracefulError } from '../errors.js';
import { type Budgets, budgetOf } from './budget.js';
import type { Clock } from './clock.js';
import { Drainables } from './drainables.js';
import type { HookPhase } from './hook.js';
import { HookRegistry } from './hook-registry.js';
import { runHooks } from './hook-run.js';
import { lameDuckOver, longestDelayMs } from './lame-duck.js';
import type { Emit, LifecycleEvents } from './lifecycle-events.js';
import { ShutdownRecord } from './record.js';
import type { ShutdownReport } from './report.js';
import { next, type State, type StateEvent, type StateName } from './state.js';
import { StepTimer } from './step-timer.js';

/** Errors that are noted and told; those beyond change nothing any more. */
const mostErrors = 100;

/** What a lifecycle is made of. */
export interface LifecycleParts {
  readonly clock: Clock;
  /** Read when the shutdown begins: they may change until then. */
  readonly drain: Budgets;
  readonly emit: Emit<LifecycleEvents>;
  /** What still holds the event loop, asked after the last phase. */
  readonly heldBy: () => Promise<readonly string[]>;
  /** What is left to do once the report is told: the log's last words, the exit. */
  readonly afterReport: (report: ShutdownReport) => Promise<void>;
}

/** How a shutdown departs from the ordinary. */
export interface StopOptions {
  /** Nothing balances towards this process: go to the drain at once. */
  readonly skipLameDuck?: boolean;
}

/**
 * Walks a service through its life. What comes next is decided in `state.ts`;
 * here are the effects: timers, drainables, hooks, the report.
 */
export class Lifecycle {
  readonly hooks: HookRegistry = new HookRegistry();
  readonly drainables: Drainables;
  readonly #parts: LifecycleParts;
  readonly #draining = new AbortController();
  readonly #expired = new AbortController();
  readonly #timer: StepTimer;
  #state: State;
  #record: ShutdownRecord | undefined;
  #run: Promise<ShutdownReport> | undefined;
  #report: ShutdownReport | undefined;
  #errors = 0;

  constructor(parts: LifecycleParts) {
    this.#parts = parts;
    this.#timer = new StepTimer(parts.clock);
    this.#state = { name: 'starting', since: parts.clock.now() };
    this.drainables = new Drainables(parts.clock, {
      onDone: (report) => this.#record?.drainable(report),
      onError: (error, from) => this.noteError(error, from),
    });
  }

  get state(): StateName {
    return this.#state.name;
  }

  /** Whether the shutdown has begun; also in the moment before the state tells. */
  get stopping(): boolean {
    return this.#run !== undefined;
  }

  get report(): ShutdownReport | undefined {
    return this.#report;
  }

  /** Aborted when the lame-duck begins, with the reason of the shutdown. */
  get draining(): AbortSignal {
    return this.#draining.signal;
  }

  /** Aborted when work is about to be dropped. */
  get expired(): AbortSignal {
    return this.#expired.signal;
  }

  /** It listens, its checks have passed, and nobody holds it back. */
  up(): void {
    if (this.#state.name !== 'starting') return;
    this.hooks.assertComplete();
    this.#move({ type: 'up' });
  }

  down(reason: string): void {
    this.#move({ type: 'down' }, reason);
  }

  /**
   * @throws {@link GracefulError} `ERR_GRACEFUL_SHUTDOWN_BEGUN`
   */
  assertNotStopping(call: string): void {
    if (!this.#run) return;
    throw new GracefulError(
      'ERR_GRACEFUL_SHUTDOWN_BEGUN',
      `Expected ${call} before the shutdown began, got it in the state "${this.state}". Ask \`state\` or \`draining.aborted\` first.`,
    );
  }

  /** Everything must be over in `remainingMs` from now. Only ever shortens. */
  shorten(remainingMs: number): void {
    this.#move({ type: 'shorten', remainingMs });
    this.drainables.hurry();
  }

  noteError(error: unknown, from: string): void {
    // Telling of an error may be what throws the next one, as with a broken log.
    if (++this.#errors > mostErrors) return;
    this.#record?.error(error, from);
    this.#parts.emit('error', { error, from });
  }

  noteSignal(signal: string): void {
    this.#record?.furtherSignal(signal);
    this.#parts.emit('signal', { signal, first: false });
  }

  /** Begin to leave. Many calls share one run. */
  shutdown(reason: string, options: StopOptions = {}): Promise<ShutdownReport> {
    if (this.#run) return this.#run;
    // The promise stands before the first step is taken: whoever hears of that
    // step and calls again must get the same run.
    const ending = deferred<ShutdownReport>();
    this.#run = ending.promise;
    this.#leave(reason, options).then(ending.resolve, ending.reject);
    return this.#run;
  }

  async #leave(reason: string, { skipLameDuck = false }: StopOptions): Promise<ShutdownReport> {
    const { clock, drain } = this.#parts;
    const delayMs = skipLameDuck ? 0 : drain.delayMs;
    const record = new ShutdownRecord(clock, reason);
    this.#record = record;
    const budget = budgetOf(
      { ...drain, delayMs: longestDelayMs(delayMs) },
      this.hooks.of('flush').length > 0,
    );

    let over = this.#step({ type: 'stop', reason, budget });
    this.#draining.abort(new Error(`The service is shutting down (${reason})`));
    // Before the hooks: one may call server.close(), out of an old habit.
    this.drainables.lameDuck();
    const drainOver = new AbortController();
    const drainHooks = this.#runHooks('drain', reason, drainOver.signal);
    await lameDuckOver(delayMs, clock, over, () => this.drainables.activity());

    over = this.#step({ type: 'over' });
    // Requests and hooks may begin work until they end: what they give it to is drained after them.
    const drained = Promise.all([this.drainables.drain(() => this.#remainingMs('drain')), drainHooks]).then(
      () => this.drainables.drainLast(),
    );
    await firstOf(drained, over);
    drainOver.abort();
    if (!this.drainables.allDrained) this.#expired.abort(new Error('The budget for requests is spent'));
    await this.drainables.force(this.#remainingMs('close'));

    over = this.#step({ type: 'over' });
    await this.#runHooks('close', reason, over);
    // Walked through even where there is no hook to flush: it then ends at once.
    over = this.#step({ type: 'over' });
    await this.#runHooks('flush', reason, over);

    this.#timer.cancel();
    const heldBy = await this.#parts.heldBy();
    this.#move({ type: 'over' }, reason);
    const report = record.report(this.drainables.evidence(), heldBy);
    this.#report = report;
    this.#parts.emit('report', report);
    await this.#parts.afterReport(report);
    return report;
  }

  /** Go to the next step; the signal is aborted when its time is up. */
  #step(event: StateEvent): AbortSignal {
    const reason = event.type === 'stop' ? event.reason : undefined;
    const over = this.#timer.begin();
    this.#move(event, reason);
    return over;
  }

  /** The one place where the state changes. */
  #move(event: StateEvent, reason?: string): void {
    const previous = this.#state;
    const state = next(previous, event, this.#parts.clock.now());
    if (state === previous) return;
    this.#state = state;
    if ('deadline' in state) this.#timer.move(state.deadline);
    if (state.name === previous.name) return;
    this.#record?.state(state.name);
    const why = reason ?? ('stop' in state ? state.stop.reason : undefined);
    this.#parts.emit('state', {
      state: state.name,
      previous: previous.name,
      ...(why !== undefined && { reason: why }),
    });
  }

  #runHooks(phase: HookPhase, reason: string, phaseOver: AbortSignal): Promise<void> {
    return runHooks(this.hooks.of(phase), {
      reason,
      clock: this.#parts.clock,
      remainingMs: () => this.#remainingMs(phase),
      phaseOver,
      onEnd: (report, thrown) => {
        this.#record?.hook(report);
        this.#parts.emit('hook', { ...report, ...(thrown !== undefined && { thrown }) });
      },
    });
  }

  #remainingMs(phase: HookPhase): number {
    const state = this.#state;
    if (!('deadline' in state)) return 0;
    const here = state.deadline - this.#parts.clock.now();
    if (phase === 'close' && state.name === 'draining') return state.ahead.closeMs;
    // Hooks of the drain run beside the lame-duck, and on until the drain's end.
    return phase === 'drain' && state.name === 'lame-duck' ? here + state.ahead.requestsMs : here;
  }
}

interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

/** `Promise.withResolvers()`, which Node 20 does not have. */
function deferred<Value>(): Deferred<Value> {
  let settle: Pick<Deferred<Value>, 'resolve' | 'reject'> | undefined;
  const promise = new Promise<Value>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...(settle as Pick<Deferred<Value>, 'resolve' | 'reject'>) };
}

function firstOf(work: Promise<unknown>, over: AbortSignal): Promise<unknown> {
  if (over.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    over.addEventListener('abort', resolve, { once: true });
    void work.then(resolve);
  });
}
