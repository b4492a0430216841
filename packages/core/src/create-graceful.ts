import { createServer, type RequestListener, type Server } from 'node:http';
import { AttachedServers } from './attached-servers.js';
import type { CompanionKit } from './companion-kit.js';
import type { ConnectionCounts } from './drain/connection.js';
import type { Drainable } from './drain/drainable.js';
import { expectRequested, LongLived, type Requested } from './drain/long-lived/long-lived.js';
import { TrackedWork } from './drain/tracked-work.js';
import { GracefulError, shown } from './errors.js';
import { eventNames, type GracefulEventName, Events, type GracefulEvents } from './events.js';
import { expectDuration, expectFunction, expectKnownKeys, expectName, expectObject } from './expect.js';
import type { AdapterKit, AttachOptions, Graceful, ListenOptions } from './graceful.js';
import { type HandoverKit, publishService } from './handover-kit.js';
import { keepKits } from './kits.js';
import { systemClock } from './lifecycle/clock.js';
import { Farewells } from './lifecycle/farewells.js';
import { heldBy } from './lifecycle/held-by.js';
import type { HttpServer } from './http-server.js';
import type { HookOptions, ShutdownHook } from './lifecycle/hook.js';
import { longestDelayMs } from './lifecycle/lame-duck.js';
import { Lifecycle, type StopOptions } from './lifecycle/lifecycle.js';
import { leaveProcess, tieToProcess } from './lifecycle/process-ties.js';
import { totalEvidence } from './lifecycle/record.js';
import type { ShutdownReport } from './lifecycle/report.js';
import type { StateName } from './lifecycle/state.js';
import { takeInheritedSockets } from './listen/inherited.js';
import { addressKeys } from './listen/listen.js';
import { Listeners } from './listen/listeners.js';
import { defaultLogger, flushLogger, type Logger, logEvents } from './observe/log.js';
import { type Figures, registerMetrics } from './observe/metrics.js';
import {
  type DrainOptions,
  type GracefulOptions,
  resolveDrain,
  type ResolvedOptions,
  resolveOptions,
} from './options.js';
import type { Check, CheckOptions } from './probes/check.js';
import { Checks } from './probes/checks.js';
import { ProbeEndpoints } from './probes/endpoints.js';
import { ProbeServer } from './probes/probe-server.js';
import { Readiness } from './probes/readiness.js';

/** How long the logger may take to write what it holds before the exit, in milliseconds. */
const lastWordsMs = 1_000;

/**
 * Make the lifecycle of this service: signal handlers, probes, metrics and
 * log are set up at once, so that a signal before `listen` works too.
 *
 * @throws {@link GracefulError} `ERR_GRACEFUL_OPTION` for an option that is not what it should be
 */
export function createGraceful(options: GracefulOptions = {}): Graceful {
  return new Service(resolveOptions(options), options.drain);
}

/** Where the rooms are put together. It decides nothing that a room could decide. */
class Service implements Graceful {
  readonly #options: ResolvedOptions;
  /** As `createGraceful` was given it: what `setDrain` leaves out. */
  readonly #givenDrain: DrainOptions | undefined;
  readonly #events = new Events();
  readonly #logger: Logger | false;
  readonly #lifecycle: Lifecycle;
  readonly #work: TrackedWork;
  readonly #longLived: LongLived;
  readonly #checks: Checks;
  readonly #readiness: Readiness;
  readonly #listeners: Listeners;
  readonly #servers: AttachedServers;
  readonly #probeServer: ProbeServer | undefined = undefined;
  readonly #farewells = new Farewells();
  readonly #installed: Disposable[] = [];
  #takenBack = false;

  constructor(options: ResolvedOptions, givenDrain: DrainOptions | undefined) {
    this.#options = options;
    this.#givenDrain = givenDrain;
    const { drain, probes, metrics } = options;
    const events = this.#events;
    this.#logger = options.logger ?? defaultLogger();
    if (this.#logger) logEvents(events, this.#logger);

    this.#listeners = new Listeners(takeInheritedSockets(process.env));
    this.#lifecycle = new Lifecycle({
      clock: systemClock,
      drain,
      emit: events.emit,
      heldBy: () => heldBy(new Set([this.#probeServer?.server])),
      afterReport: (report) => this.#end(report),
    });
    this.#work = new TrackedWork((error) => events.emit('error', { error, from: 'tracked work' }));
    this.#lifecycle.drainables.add(this.#work, { last: true });
    this.#checks = new Checks(systemClock, events.emit, () => this.#readiness.look());
    this.#readiness = new Readiness(
      () => this.#checks.allPassed,
      () => this.#lifecycle.up(),
    );

    const endpoints = new ProbeEndpoints(probes, {
      state: () => this.state,
      heldBack: () => this.#readiness.heldBack,
      inFlight: () => this.inFlight,
      checkResults: () => this.#checks.results(),
    });
    const onError = (error: unknown) => this.#lifecycle.noteError(error, 'drain of a server');
    this.#longLived = new LongLived(drain, onError);
    this.#servers = new AttachedServers({
      drain,
      idle: options.idle,
      watch: {
        watched: () => events.connectionsWatched,
        changed: (event) => events.emit('connection', event),
      },
      answers: endpoints,
      longLived: this.#longLived,
      onError,
      listeners: this.#listeners,
      onListening: () => this.#readiness.serves(),
      isOwn: (server) => server === this.#probeServer?.server,
      addDrain: (server) => this.#lifecycle.drainables.add(server),
    });
    this.#installed.push(
      this.#servers,
      this.#longLived,
      events.on('state', ({ state }) => this.#onState(state)),
    );
    if (metrics) this.#installed.push(registerMetrics(metrics.register, this.#figures(), events));
    if (probes.port !== undefined) {
      this.#probeServer = new ProbeServer(
        endpoints,
        { port: probes.port, host: probes.host },
        this.#listeners,
      );
      this.#probeServer.listening.catch((error: unknown) => this.#onProbesFailed(error));
    }
    this.#installed.push(
      tieToProcess({
        ...options,
        lifecycle: this.#lifecycle,
        clock: systemClock,
        emit: events.emit,
        leave: (reason, stop) => void this.#leave(reason, stop),
        silent: !this.#logger,
      }),
    );

    const handover = this.#handoverKit();
    keepKits(this, { adapter: this.#adapterKit(endpoints), handover, companion: this.#companionKit() });
    publishService(this, handover);
  }

  get state(): StateName {
    return this.#lifecycle.state;
  }

  get report(): ShutdownReport | undefined {
    return this.#lifecycle.report;
  }

  get inFlight(): number {
    return this.#lifecycle.drainables.activity().reduce((total, { pending }) => total + pending, 0);
  }

  get connections(): ConnectionCounts {
    return this.#servers.connections;
  }

  get draining(): AbortSignal {
    return this.#lifecycle.draining;
  }

  get expired(): AbortSignal {
    return this.#lifecycle.expired;
  }

  ready(): void {
    this.#readiness.letGo();
  }

  notReady(reason: string): void {
    expectName('the reason for not being ready', reason);
    this.#readiness.holdBack(reason);
    this.#lifecycle.down(reason);
  }

  track<T>(work: Promise<T>): Promise<T> {
    if (typeof (work as { then?: unknown } | undefined)?.then !== 'function') {
      throw new GracefulError('ERR_GRACEFUL_OPTION', `Expected a promise to track, got ${shown(work)}.`);
    }
    return this.#work.track(work);
  }

  signalFor(request: Requested): AbortSignal {
    expectRequested('the request, or its stream,', request);
    return this.#longLived.signalFor(request);
  }

  longLived(holder: Requested, end: () => void | Promise<void>): Disposable {
    expectRequested('the response, stream or socket that lives long', holder);
    expectFunction('what ends it', end);
    return this.#longLived.declare(holder, end);
  }

  drains(drainable: Drainable): Disposable {
    this.#lifecycle.assertNotStopping('drains()');
    return this.#lifecycle.drainables.add(drainable);
  }

  addCheck(name: string, check: Check, options?: CheckOptions): Disposable {
    this.#lifecycle.assertNotStopping('addCheck()');
    return this.#checks.add(name, check, options);
  }

  onShutdown(name: string, hook: ShutdownHook, options?: HookOptions): Disposable {
    this.#lifecycle.assertNotStopping('onShutdown()');
    return this.#lifecycle.hooks.add(name, hook, options);
  }

  on<Name extends GracefulEventName>(
    name: Name,
    listener: (event: GracefulEvents[Name]) => void,
  ): Disposable {
    if (!eventNames.includes(name)) {
      throw new GracefulError(
        'ERR_GRACEFUL_OPTION',
        `Expected the name of an event, one of ${eventNames.join(', ')}, got ${shown(name)}.`,
      );
    }
    expectFunction(`the listener of "${name}"`, listener);
    return this.#events.on(name, listener);
  }

  attach(server: HttpServer, options: AttachOptions = {}): Disposable {
    this.#lifecycle.assertNotStopping('attach()');
    return this.#servers.attach(server, options.name);
  }

  listen<Listening extends HttpServer>(server: Listening, address: ListenOptions): Promise<Listening>;
  listen(handler: RequestListener, address: ListenOptions): Promise<Server>;
  async listen(target: HttpServer | RequestListener, options: ListenOptions): Promise<HttpServer> {
    expectObject('the address to listen on', options);
    expectKnownKeys('the address to listen on', options, [...addressKeys, 'name']);
    const { name, ...address } = options;
    this.#lifecycle.assertNotStopping('listen()');
    this.#lifecycle.hooks.assertComplete();
    const server = typeof target === 'function' ? createServer(target) : target;
    await this.#servers.listen(server, address, name, () => this.#probeServer?.listening);
    return server;
  }

  shutdown(reason = 'shutdown()'): Promise<ShutdownReport> {
    expectName('the reason of a shutdown', reason);
    return this.#leave(reason);
  }

  shortenDeadline(remainingMs: number): void {
    expectDuration('the time that remains', remainingMs);
    this.#lifecycle.shorten(remainingMs);
  }

  setDrain(drain: DrainOptions): void {
    expectObject('`drain`', drain);
    const resolved = resolveDrain({ ...this.#givenDrain, ...drain });
    // The rooms look at it when they need it: what has begun goes on with what it began with.
    if (!this.#lifecycle.stopping) Object.assign(this.#options.drain, resolved);
  }

  uninstall(): void {
    if (this.#lifecycle.stopping) return;
    this.#takeBack();
  }

  #adapterKit(endpoints: ProbeEndpoints): AdapterKit {
    const { drain } = this.#options;
    return {
      active: () => !this.#takenBack,
      knows: (server) => this.#servers.has(server),
      adopt: (server) => void this.#servers.attach(server),
      adoptRequest: (request, response) => this.#servers.adoptRequest(request, response),
      answerProbe: (request, response) => endpoints.answer(request, response),
      probePaths: endpoints.paths,
      get spreadMs() {
        return drain.spreadMs;
      },
      findServers: (isOurs) => this.#servers.find(isOurs),
    };
  }

  #handoverKit(): HandoverKit {
    const listeners = this.#listeners;
    const readiness = this.#readiness;
    return {
      version: 1,
      logger: this.#logger,
      inherit: (sockets) => listeners.inherit(sockets),
      unclaimed: () => listeners.unclaimed,
      dropUnclaimed: () => listeners.dropUnclaimed(),
      holdListen: (gate) => listeners.hold(gate),
      onChange: (listener) => this.#onChange(listener),
      get pendingListens() {
        return listeners.pending;
      },
      get prepared() {
        return readiness.prepared;
      },
      listening: () => listeners.listening(this.#servers.named()),
      handOver: () => listeners.handOver(),
      leave: (reason) => {
        void this.#probeServer?.giveUpPort();
        return this.#leave(reason, { skipLameDuck: true });
      },
    };
  }

  #companionKit(): CompanionKit {
    const { delayMs, requestsMs, hooksMs } = this.#options.drain;
    const readiness = this.#readiness;
    return {
      version: 1,
      logger: this.#logger,
      budgets: { delayMs: longestDelayMs(delayMs), requestsMs, hooksMs },
      figures: this.#figures(),
      get heldBack() {
        return readiness.heldBack;
      },
      ports: () =>
        this.#listeners
          .listening(this.#servers.named())
          .flatMap(({ server, port }) =>
            port === undefined || server === this.#probeServer?.server ? [] : [port],
          ),
      onChange: (listener) => this.#onChange(listener),
      farewell: (step) => this.#farewells.add(step),
    };
  }

  #onChange(listener: () => void): Disposable {
    const watched = [this.#listeners.onChange(listener), this.#readiness.watch(listener)];
    return {
      [Symbol.dispose]: () => {
        for (const watching of watched) watching[Symbol.dispose]();
      },
    };
  }

  #leave(reason: string, options: StopOptions = {}): Promise<ShutdownReport> {
    if (!this.#lifecycle.stopping) this.#servers.adoptUnrecognised();
    // Nobody balances towards what has never listened.
    const skipLameDuck = options.skipLameDuck || !this.#readiness.serving;
    return this.#lifecycle.shutdown(reason, { skipLameDuck });
  }

  async #end(report: ShutdownReport): Promise<void> {
    const { exit } = this.#options;
    // Before the log's last words: they may have something to say there.
    await this.#farewells.say(report);
    if (this.#logger) await flushLogger(this.#logger, lastWordsMs);
    if (exit === false) this.#takeBack();
    // A turn later, so that whoever waits for the report has it.
    else setImmediate(() => leaveProcess(exit, report.exitCode));
  }

  /** Nobody should find that out by a probe that fails: a service that cannot be asked leaves, if it is to leave by itself at all. */
  #onProbesFailed(error: unknown): void {
    // It was taken back before it could.
    if (this.#takenBack) return;
    const from = 'the port of the probes';
    if (this.#options.uncaughtErrors) void this.#leave(from);
    this.#lifecycle.noteError(error, from);
  }

  #onState(state: StateName): void {
    if (state === 'lame-duck') this.#checks.stop();
    // Some have ended before their turns came.
    if (state === 'closing') this.#longLived.stop();
  }

  #figures(): Figures {
    return {
      state: () => this.state,
      ready: () => this.state === 'ready' && this.#checks.allPassed,
      inFlight: () => this.inFlight,
      connections: () => this.connections,
      evidence: () => totalEvidence(this.#lifecycle.drainables.evidence()),
    };
  }

  #takeBack(): void {
    this.#takenBack = true;
    this.#checks.stop();
    this.#probeServer?.[Symbol.dispose]();
    for (const installed of this.#installed.splice(0)) installed[Symbol.dispose]();
  }
}
