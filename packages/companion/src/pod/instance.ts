import type { Budgets, Farewell, InstanceState, InstanceUpdate, Registration } from '../protocol/wire.js';
import { hasLeft, type InstanceEvent, isGone, isLive, nextState } from './instance-state.js';

/** What the kernel tells of the ports of an instance. */
export interface SeenSockets {
  readonly established: number;
  readonly listening: number;
  /** Of the established, those with bytes that were not read, or not sent, yet. */
  readonly busy: number;
}

/** The begin of its end. */
export interface Departure {
  readonly startedAt: number;
  readonly startedAtWallMs: number;
  readonly reason: string;
  /** What it had served by then. */
  readonly servedBefore: number;
}

/** How it ended. */
export interface Ending {
  readonly how: 'bye' | 'eof' | 'deadline' | 'never-registered';
  readonly at: number;
  readonly atWallMs: number;
  readonly farewell?: Farewell;
}

/** What an instance is told of by whoever expects it. */
export interface Expected {
  readonly name: string;
  readonly ports: readonly number[];
  readonly after: readonly string[];
  readonly container: string;
}

/** What is known of one instance. All instants are of the pod's monotonic clock. */
export class Instance {
  readonly id: string;
  readonly name: string;
  /** It stood in the list of those that are expected. */
  readonly isExpected: boolean;
  container: string;
  ports: readonly number[];
  after: readonly string[];
  pid: number | undefined;
  budgets: Budgets | undefined;

  #state: InstanceState;
  #toldArrival = false;
  #toldConnection = false;
  /** Why it is not ready, by its own word. */
  reason: string | undefined;
  wasReady = false;
  /** Somebody listens on its stream. */
  isConnected = false;
  /** Its end is heard of by the end of its stream. */
  hadStream = false;
  /** It has said something since it registered. */
  hasSpoken = false;

  /** By its own word; unknown until it says so. */
  inFlight: number | undefined;
  maxInFlight = 0;
  inFlightAtEnd = 0;
  served: number | undefined;
  lastArrivalAt: number | undefined;
  lastConnectionAt: number | undefined;
  /** By the kernel; unknown where it has no ports, or shares them. */
  sockets: SeenSockets | undefined;
  /** Connections that were refused since its ports were closed. */
  lateArrivals = 0;
  /** Resets that the network had sent when they were. */
  resetsAtClose: number | undefined;
  wasListening = false;

  /** What it was told last. */
  told: 'lame-duck' | 'drain' | undefined;
  /** It has begun to leave for good, by its own word. */
  hasBegunToLeave = false;
  wasToldDeadlineAt: number | undefined;
  departure: Departure | undefined;
  /** When it closed its doors. */
  leftAt: number | undefined;
  ending: Ending | undefined;

  constructor(id: string, expected: Expected, isExpected: boolean) {
    this.id = id;
    this.name = expected.name;
    this.container = expected.container;
    this.ports = expected.ports;
    this.after = expected.after;
    this.isExpected = isExpected;
    this.#state = 'expected';
  }

  get state(): InstanceState {
    return this.#state;
  }

  get isLive(): boolean {
    return isLive(this.#state);
  }

  get isGone(): boolean {
    return isGone(this.#state);
  }

  get hasLeft(): boolean {
    return hasLeft(this.#state);
  }

  /** It has registered, and not been heard of since: whoever asked may not have heard the answer. */
  get isSilent(): boolean {
    return this.#state === 'starting' && !this.hadStream && !this.hasSpoken;
  }

  /** It says itself when something comes. */
  get tellsArrivals(): boolean {
    return this.served !== undefined || this.#toldArrival;
  }

  /** It says itself when a new connection comes. */
  get tellsConnections(): boolean {
    return this.#toldConnection;
  }

  /** It is known when a new connection comes: by its own word, or by the kernel's. */
  get showsConnections(): boolean {
    return this.#toldConnection || this.sockets !== undefined;
  }

  /** @returns the state before, if it has changed */
  on(event: InstanceEvent): InstanceState | undefined {
    const before = this.#state;
    this.#state = nextState(before, event);
    if (before === this.#state) return undefined;
    if (this.#state === 'ready') this.wasReady = true;
    if (!this.isLive && this.inFlight !== undefined) {
      // Told in its receipt; from now on nobody works on it.
      this.inFlightAtEnd ||= this.inFlight;
      this.inFlight = 0;
    }
    return before;
  }

  /** What it says of itself stands above what was expected. */
  describe({ pid, container, ports, budgets, after }: Registration): void {
    this.pid = pid ?? this.pid;
    this.container = container ?? this.container;
    this.ports = ports ?? this.ports;
    this.budgets = budgets ?? this.budgets;
    if (after) this.after = [...new Set([...this.after, ...after])];
  }

  /** The figures of an update; its states are the pod's business. */
  count({ inFlight, served, lastArrivalMs, lastConnectionMs }: InstanceUpdate, now: number): void {
    const moreServed = served !== undefined && served > (this.served ?? 0);
    const moreInFlight = inFlight !== undefined && inFlight > (this.inFlight ?? 0);
    this.#toldArrival ||= lastArrivalMs !== undefined;
    this.#toldConnection ||= lastConnectionMs !== undefined;
    if (lastConnectionMs !== undefined) this.reached(now - lastConnectionMs);
    if (lastArrivalMs !== undefined) this.arrived(now - lastArrivalMs);
    // Without its word on it: something has come between the two reports.
    else if (moreServed || moreInFlight) this.arrived(now);
    this.served = served ?? this.served;
    if (inFlight === undefined) return;
    this.inFlight = inFlight;
    this.maxInFlight = Math.max(this.maxInFlight, inFlight);
  }

  arrived(at: number): void {
    this.lastArrivalAt = Math.max(this.lastArrivalAt ?? -Infinity, at);
  }

  /** By a new connection. */
  reached(at: number): void {
    this.lastConnectionAt = Math.max(this.lastConnectionAt ?? -Infinity, at);
  }

  depart(reason: string, now: number, wallMs: number): void {
    if (this.departure) return;
    this.departure = { startedAt: now, startedAtWallMs: wallMs, reason, servedBefore: this.served ?? 0 };
    this.maxInFlight = this.inFlight ?? 0;
  }

  /** It was a mistake: it goes on. */
  stay(): void {
    this.told = undefined;
    this.departure = undefined;
    this.wasToldDeadlineAt = undefined;
  }
}
