import type { Graceful, ShutdownReport, StateName } from '@graceful/core';
import { type CompanionKit, companionKit } from '@graceful/core/companion';
import {
  type InstanceUpdate,
  type Registration,
  type StreamEvent,
  protocolVersion,
} from '../protocol/wire.js';
import { Deadline } from './deadline.js';
import type { Outcome } from './exchange.js';
import { farewellOf, longestReason } from './farewell.js';
import { HeldBack } from './held-back.js';
import { Link } from './link.js';
import { type CompanionClientOptions, type ResolvedClient, resolveClient } from './options.js';
import { coalesceMs, Reporter, type Snapshot } from './reporter.js';

/** A service's connection to the companion of its pod. */
export interface CompanionClient extends Disposable {
  /** Whether the companion is there and knows of this service. */
  readonly connected: boolean;
  /** How often the companion was started in this pod; `undefined` before it was first met. */
  readonly epoch: number | undefined;
  /**
   * Have done with the companion. It happens by itself at the end of the
   * service; before that it is a goodbye without a report, of which nobody can
   * say that it was clean. Never rejects, and takes no longer than the answer may.
   */
  close(): Promise<void>;
}

/** How often figures are looked at while the service just serves, in milliseconds. */
const servingMs = 1_000;

/**
 * Let `graceful` leave together with its pod: the companion hears of its
 * readiness, its requests and its end, and says when it is to leave. Without a
 * companion, or with one that hangs or has gone mad, the service starts, serves
 * and leaves as it would alone; it is looked for as long as the service lives.
 *
 * @throws CompanionError `ERR_COMPANION_OPTION`
 */
export function connectCompanion(graceful: Graceful, options: CompanionClientOptions): CompanionClient {
  const kit = companionKit(graceful);
  return new Client(graceful, kit, resolveClient(options, kit));
}

class Client implements CompanionClient {
  readonly #graceful: Graceful;
  readonly #kit: CompanionKit;
  readonly #options: ResolvedClient;
  readonly #link: Link;
  readonly #reporter: Reporter;
  readonly #heldBack: HeldBack;
  readonly #deadline: Deadline;
  readonly #installed: Disposable[];
  /** Ports that the companion knows of. */
  #ports = '';
  #epoch: number | undefined;
  /** When the service began to leave, on `performance.now()`'s clock, and why. */
  #left: { readonly at: number; readonly reason: string | undefined } | undefined;
  /** What was logged of the companion's absence: not logged again with each try. */
  readonly #said = new Set<'warn' | 'error'>();
  #closed: Promise<void> | undefined;

  constructor(graceful: Graceful, kit: CompanionKit, options: ResolvedClient) {
    this.#graceful = graceful;
    this.#kit = kit;
    this.#options = options;
    this.#heldBack = new HeldBack(graceful, kit);
    this.#deadline = new Deadline(graceful, () => this.#outlived());
    this.#link = new Link({
      socket: options.socket,
      timeoutMs: options.connectMs,
      registration: () => this.#registration(),
      onJoined: () => this.#joined(),
      onEvent: (event) => this.#hear(event),
      onApart: (outcome) => this.#apart(outcome),
    });
    this.#reporter = new Reporter({
      snapshot: () => this.#snapshot(),
      send: (update) => this.#link.update(update),
    });
    this.#installed = [
      graceful.on('state', ({ state, reason }) => this.#moved(state, reason)),
      graceful.on('check', () => this.#reporter.tell()),
      kit.onChange(() => this.#changed()),
      kit.farewell((report) => this.#farewell(report)),
    ];
    if (graceful.draining.aborted) this.#moved('lame-duck');
    // Of one that has ended already there is nothing to tell.
    if (graceful.report === undefined) void this.#link.join();
  }

  get connected(): boolean {
    return this.#link.joined;
  }

  get epoch(): number | undefined {
    return this.#epoch;
  }

  close(): Promise<void> {
    this.#closed ??= this.#bye({ reason: 'close()' });
    return this.#closed;
  }

  [Symbol.dispose](): void {
    void this.close();
  }

  /** The report is there, and the process about to end: core waits for this. */
  #farewell(report: ShutdownReport): Promise<void> {
    this.#closed ??= this.#bye(farewellOf(report));
    return this.#closed;
  }

  async #bye(report: object): Promise<void> {
    for (const installed of this.#installed.splice(0)) installed[Symbol.dispose]();
    this.#reporter.stop();
    this.#deadline.forget();
    this.#heldBack.letGo();
    // Whoever was never met, and is not there now, answers at once that nobody is there.
    const answer = await this.#link.bye(report);
    this.#link.close();
    const { seq, verdict } = ((answer as { receipt?: unknown } | undefined)?.receipt ?? {}) as {
      seq?: unknown;
      verdict?: unknown;
    };
    if (typeof verdict === 'string')
      this.#log('info', { receipt: seq, verdict }, `the companion's receipt: ${verdict}`);
  }

  #registration(): Registration {
    const { name, container, after, budgets } = this.#options;
    const ports = this.#portsNow();
    this.#ports = String(ports);
    return {
      version: protocolVersion,
      name,
      container,
      pid: process.pid,
      budgets,
      ...(ports.length > 0 && { ports }),
      ...(after.length > 0 && { after }),
    };
  }

  #portsNow(): readonly number[] {
    return this.#options.ports ?? [...new Set(this.#kit.ports())];
  }

  #joined(): void {
    this.#said.clear();
    this.#log('info', { socket: this.#options.socket }, 'the companion is there');
    this.#reporter.start(this.#left === undefined ? servingMs : coalesceMs);
    this.#changed();
  }

  #apart(outcome: Outcome): void {
    this.#reporter.stop();
    const [what, level] = described(outcome);
    if (this.#said.has(level)) return;
    this.#said.add(level);
    this.#log(
      level,
      { socket: this.#options.socket },
      `no companion at ${this.#options.socket} (${what}): the service goes on without it, and looks for it`,
    );
  }

  #hear(event: StreamEvent): void {
    switch (event.type) {
      case 'hello':
        this.#epoch = event.epoch;
        // It was started anew, and knows of no end.
        if (event.pod === 'running') this.#takeBack();
        return;
      case 'lame-duck':
        this.#log('info', { ...event }, `the companion says lame-duck (${event.reason})`);
        this.#deadline.set(event.remainingMs);
        this.#heldBack.hold();
        return;
      case 'drain':
        this.#log('info', { ...event }, `the companion says drain (${event.reason})`);
        this.#deadline.set(event.remainingMs);
        void this.#graceful.shutdown(`companion: ${event.reason}`);
        return;
      case 'deadline':
        this.#deadline.set(event.remainingMs);
        return;
      case 'cancel':
        this.#log('info', {}, 'the companion takes it back');
        this.#takeBack();
        return;
      case 'config':
        return;
    }
  }

  #takeBack(): void {
    if (this.#left !== undefined) return;
    this.#deadline.forget();
    this.#heldBack.letGo();
  }

  /** The end that was spoken of did not come. */
  #outlived(): void {
    this.#log(
      'warn',
      {},
      "the companion's deadline has passed, and nobody has ended this service: it serves on",
    );
    this.#heldBack.letGo();
  }

  #moved(state: StateName, reason?: string): void {
    if (state === 'lame-duck') {
      this.#left = { at: performance.now(), reason };
      this.#deadline.leaving();
      if (this.#link.joined) this.#reporter.start(coalesceMs);
    }
    this.#reporter.tell();
  }

  #changed(): void {
    if (String(this.#portsNow()) !== this.#ports && this.#left === undefined) void this.#link.announce();
    this.#reporter.tell();
  }

  #snapshot(): Snapshot {
    const { state } = this.#graceful;
    const { figures, heldBack } = this.#kit;
    const ready = figures.ready();
    const reason = this.#left?.reason ?? heldBack ?? whyNot(state);
    const update = {
      ready,
      ...(!ready && { reason: reason.slice(0, longestReason) }),
      inFlight: figures.inFlight(),
    };
    if (this.#left === undefined) return { update };
    const { requests, traffic } = figures.evidence();
    const lastMs = Math.max(traffic?.lastConnectionMs ?? 0, traffic?.lastRequestMs ?? 0);
    return {
      update: { ...update, ...leaving(state), served: requests.served },
      ...(lastMs > 0 && { lastArrivalAt: this.#left.at + lastMs }),
    };
  }

  /** A logger may throw, or be closed by now: that is its own affair. */
  #log(level: 'info' | 'warn' | 'error', fields: object, message: string): void {
    try {
      if (this.#options.logger) this.#options.logger[level](fields, message);
    } catch {
      // Nobody is there to be told.
    }
  }
}

function whyNot(state: StateName): string {
  return state === 'ready' ? 'a check does not pass' : state;
}

function leaving(state: StateName): Pick<InstanceUpdate, 'state'> {
  switch (state) {
    case 'lame-duck':
    case 'draining':
    case 'closing':
      return { state };
    case 'stopped':
      return { state: 'closing' };
    case 'starting':
    case 'ready':
      return {};
  }
}

/** Why there is no companion, for a person; a refusal is a mistake that somebody can mend. */
function described(outcome: Outcome): [what: string, level: 'warn' | 'error'] {
  if (outcome.type !== 'answer') return [outcome.why, 'warn'];
  const { error } = (outcome.body ?? {}) as { error?: { message?: unknown } };
  const message = typeof error?.message === 'string' ? `: ${error.message.slice(0, longestReason)}` : '';
  return [`it answered ${outcome.status}${message}`, 'error'];
}
