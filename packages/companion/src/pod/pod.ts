import { randomBytes, timingSafeEqual } from 'node:crypto';
import { invalid } from '../protocol/check.js';
import { Refused } from '../protocol/refused.js';
import {
  type DrainRequest,
  type Farewell,
  type InstanceState,
  type InstanceUpdate,
  limits,
  type PodState,
  type Registration,
  type StreamEvent,
  type TerminationReason,
} from '../protocol/wire.js';
import type { Clock } from './clock.js';
import { Instance, type Ending, type Expected } from './instance.js';
import { type InstanceEvent, isOver } from './instance-state.js';
import { circleOf, keptForOthersMs, needMs } from './order.js';
import { podStateOf } from './pod-state.js';
import { type HoldFacts, marginMs } from './release.js';

/** Something happened in the pod; told when all of it holds already. */
export type PodEvent =
  | { readonly type: 'instance'; readonly instance: Instance; readonly from: InstanceState }
  | { readonly type: 'ended'; readonly instance: Instance; readonly ending: Ending }
  | { readonly type: 'tell'; readonly instance: Instance; readonly event: StreamEvent }
  | { readonly type: 'drain'; readonly drain: Drain }
  | { readonly type: 'cancelled'; readonly drain: Drain }
  | { readonly type: 'pod'; readonly from: PodState; readonly to: PodState };

/** Somebody said that the pod, or one of its instances, is to leave. */
export interface Drain {
  readonly id: string;
  readonly reason: TerminationReason;
  readonly scope: string | undefined;
  readonly startedAt: number;
  readonly startedAtWallMs: number;
  deadlineAt: number;
}

export interface PodOptions {
  readonly expect: readonly Expected[];
  readonly graceMs: number;
  readonly clock: Clock;
  readonly tell: (event: PodEvent) => void;
  /** When the first of the hooks came that are held now. */
  readonly heldSince?: () => number | undefined;
}

/** Of those that are gone, so many are remembered. */
const mostGone = 256;

/** The part of a deadline that nobody is given: for receipts, and for the platform, which counts in whole seconds. */
const keptBack = 0.1;

/**
 * The instances of a pod and their way out. Knows no socket and no timer:
 * whatever happens is told to it, with {@link Pod.tick} for the time, and what
 * it decides it tells.
 */
export class Pod {
  readonly #options: PodOptions;
  readonly #clock: Clock;
  readonly #tell: (event: PodEvent) => void;
  readonly #instances = new Map<string, Instance>();
  readonly #tokens = new Map<string, Buffer>();
  #drains: readonly Drain[] = [];
  #state: PodState = 'running';
  /** Made when it is asked for, and again when somebody came, changed or went. */
  readonly #kept = new Map<Drain, ReadonlyMap<string, number>>();

  constructor(options: PodOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#tell = options.tell;
    for (const expected of options.expect) {
      const instance = new Instance(newId(), expected, true);
      this.#instances.set(instance.id, instance);
    }
  }

  get state(): PodState {
    return this.#state;
  }

  /** Those that are remembered, in the order in which they came. */
  get instances(): readonly Instance[] {
    return [...this.#instances.values()];
  }

  get drains(): readonly Drain[] {
    return this.#drains;
  }

  /** The drain of the whole pod, the first of them. */
  get ending(): Drain | undefined {
    return this.#drains.find(({ scope }) => scope === undefined);
  }

  find(id: string): Instance | undefined {
    return this.#tokens.has(id) ? this.#instances.get(id) : undefined;
  }

  /** Compared in constant time: a token is not to be found out by how long a wrong one takes. */
  mayAct(instance: Instance, token: string): boolean {
    const expected = this.#tokens.get(instance.id);
    const given = Buffer.from(token);
    return expected !== undefined && given.length === expected.length && timingSafeEqual(given, expected);
  }

  /**
   * One has come. With the id and the token of an earlier registration it is
   * that one, as long as it is not over.
   *
   * @throws Refused `too-many`, `conflict`
   */
  register(request: Registration): { instance: Instance; token: string; isNew: boolean } {
    const earlier = this.#earlier(request);
    if (earlier && request.token !== undefined) {
      earlier.describe(request);
      this.#kept.clear();
      return { instance: earlier, token: request.token, isNew: false };
    }
    const { name } = request;
    const circle = circleOf(this.#inOrder(), { name, after: request.after ?? [], budgets: undefined });
    if (circle) {
      throw new Refused(
        'conflict',
        `expected an order without a circle, got ${circle.join(' after ')}; take one of them out of \`after\``,
      );
    }
    const instance = this.#unheard(request) ?? this.#expected(name) ?? this.#unexpected(request);
    const token = randomBytes(24).toString('base64url');
    this.#tokens.set(instance.id, Buffer.from(token));
    instance.describe(request);
    this.#happen(instance, 'registered');
    const drain = this.#drainsOf(instance)[0];
    if (drain) instance.depart(drain.reason, drain.startedAt, drain.startedAtWallMs);
    this.#advance();
    return { instance, token, isNew: true };
  }

  /** Whoever registered has gone before it heard the answer, and cannot act for this instance. */
  withdraw(instance: Instance): void {
    if (!instance.isSilent) return;
    this.#instances.delete(instance.id);
    this.#tokens.delete(instance.id);
    const { name, isExpected } = instance;
    const isMissed = isExpected && !this.instances.some((one) => one.name === name && !one.isGone);
    const expected = this.#options.expect.find((one) => one.name === name);
    if (isMissed && expected) {
      const again = new Instance(newId(), expected, true);
      this.#instances.set(again.id, again);
    }
    this.#kept.clear();
    this.#advance();
  }

  /** @throws Refused `conflict` */
  update(instance: Instance, update: InstanceUpdate): void {
    if (!instance.isLive) throw over(instance);
    const now = this.#clock.monotonicMs();
    instance.hasSpoken = true;
    instance.count(update, now);
    if (update.reason !== undefined || update.ready === true) instance.reason = update.reason;
    if (update.ready !== undefined) this.#happen(instance, update.ready ? 'ready' : 'not-ready');
    if (update.state !== undefined) this.#leaves(instance, update.state, update.reason);
    if (update.ready !== undefined || update.state !== undefined) this.#advance();
  }

  /** Its stream is open: what it was told before, it is told again. */
  connected(instance: Instance): void {
    instance.isConnected = true;
    instance.hadStream = true;
    instance.told = undefined;
    instance.wasToldDeadlineAt = undefined;
    this.#advance();
  }

  /** Its stream has ended: not ready, from this instant on. Whether it is gone is said with {@link Pod.gone}. */
  disconnected(instance: Instance): void {
    instance.isConnected = false;
    this.#advance();
  }

  /** Its process is gone. */
  gone(instance: Instance): void {
    if (!instance.isGone) instance.depart('crash', ...this.#now());
    const wasDrained = instance.state === 'drained';
    this.#happen(instance, 'gone');
    if (!wasDrained) this.#ended(instance, 'eof');
    this.#advance();
  }

  /**
   * It says that it is done. Saying it twice is saying it once.
   *
   * @throws Refused `conflict` where it is over in another way
   */
  bye(instance: Instance, farewell: Farewell): void {
    if (instance.ending?.how === 'bye') return;
    if (!instance.isLive) throw over(instance);
    instance.depart(this.#reasonFor(instance) ?? farewell.reason ?? 'self', ...this.#now());
    this.#happen(instance, 'bye');
    this.#ended(instance, 'bye', farewell);
    // Nobody hears of its end but by this word.
    if (!instance.hadStream) this.#happen(instance, 'gone');
    this.#advance();
  }

  /**
   * Begin to leave. The same once more is the same, with the nearer deadline.
   *
   * @throws Refused `invalid` where nobody is of that name
   */
  drain({ reason, deadlineMs = this.#options.graceMs, scope }: DrainRequest): Drain {
    if (scope !== undefined && !this.#inOrder().some(({ name }) => name === scope)) {
      const names = [...new Set(this.#inOrder().map(({ name }) => name))];
      throw invalid(
        `\`scope\` to be the name of an instance (${names.join(', ') || 'there is none'})`,
        scope,
      );
    }
    const now = this.#clock.monotonicMs();
    // The platform's clock has begun with the first sign of it, and that need not have been this one.
    const sinceMs = reason === 'pod' && scope === undefined ? now - this.#firstSign(now) : 0;
    const earlier = this.#drains.find((drain) => drain.reason === reason && drain.scope === scope);
    if (earlier) {
      earlier.deadlineAt = Math.min(earlier.deadlineAt, now + deadlineMs);
      this.#kept.clear();
      this.#advance();
      return earlier;
    }
    return this.#begin({
      id: newId(),
      reason,
      scope,
      startedAt: now - sinceMs,
      startedAtWallMs: this.#clock.wallMs() - sinceMs,
      deadlineAt: now - sinceMs + deadlineMs,
    });
  }

  /** Go on with what the companion before this one had begun. */
  resume(reason: TerminationReason, sinceMs: number, remainingMs: number): void {
    const [now, wallMs] = this.#now();
    this.#begin({
      id: newId(),
      reason,
      scope: undefined,
      startedAt: now - sinceMs,
      startedAtWallMs: wallMs - sinceMs,
      deadlineAt: now + remainingMs,
    });
  }

  /**
   * It was a mistake.
   *
   * @throws Refused `not-found`, `conflict` where somebody has begun to leave for good
   */
  cancel(id: string): void {
    const drain = this.#drains.find((one) => one.id === id);
    if (!drain) throw new Refused('not-found', `expected the id of a drain that goes on, got none of it`);
    const left = this.#coveredBy(drain).find(({ hasBegunToLeave }) => hasBegunToLeave);
    if (left) {
      throw new Refused(
        'conflict',
        `expected nobody to have begun to leave, got ${left.name}, which is ${left.state}; it cannot come back`,
      );
    }
    this.#cancel(drain);
    this.#advance();
  }

  /** Whatever was said, the pod goes on: only the companion ends. */
  goesOn(): void {
    for (const drain of this.#drains) this.#cancel(drain);
    this.#advance();
  }

  /** Time has passed. */
  tick(): void {
    if (this.#drains.length === 0) return;
    const now = this.#clock.monotonicMs();
    for (const drain of this.#drains) {
      if (now < drain.deadlineAt) continue;
      for (const instance of this.#coveredBy(drain)) {
        if (instance.isLive) this.#outOfTime(instance);
      }
    }
    this.#advance();
  }

  /** Nobody waits any more: whoever is still there has no time left, whoever never came never will. */
  close(): void {
    for (const instance of this.instances) this.withdraw(instance);
    for (const instance of this.instances) {
      if (instance.isLive) this.#outOfTime(instance);
      if (instance.state !== 'expected') continue;
      instance.depart(this.ending?.reason ?? 'self', ...this.#now());
      this.#happen(instance, 'never-came');
      this.#ended(instance, 'never-registered');
    }
    this.#advance();
  }

  /** When `instance` is to have ended, and what its hook may wait for; `undefined` while nobody said that it is to leave. */
  deadlineOf(instance: Instance): number | undefined {
    const drains = this.#drainsOf(instance);
    if (drains.length === 0) return undefined;
    return Math.min(...drains.map((drain) => this.#shareOf(instance, drain)));
  }

  /**
   * What is known of those in `container`; of all of them, where none is given.
   *
   * @param heldSince - when their hook came
   */
  holdFacts(container: string | undefined, heldSince: number): HoldFacts {
    const now = this.#clock.monotonicMs();
    const all = this.instances.filter((one) => container === undefined || one.container === container);
    // Those before them were restarted, long ago perhaps.
    const there = all.filter((one) => one.isLive || one.state === 'expected');
    const since = Math.min(heldSince, this.ending?.startedAt ?? heldSince);
    const deadlines = there.map((one) => this.deadlineOf(one) ?? heldSince + this.#options.graceMs);
    const figures = there.map((one) => figuresOf(one, now));
    const isKnown = there.length > 0 && figures.every((known) => known !== undefined);
    return {
      heldMs: now - since,
      isGone: all.length > 0 && there.length === 0,
      hasTurn: there.every((one) => this.#hasTurn(one, now)),
      inFlight: isKnown ? figures.reduce((sum, known) => sum + (known?.inFlight ?? 0), 0) : undefined,
      quietMs: isKnown ? Math.min(...figures.map((known) => known?.quietMs ?? 0)) : undefined,
      remainingMs: Math.min(...deadlines, heldSince + this.#options.graceMs) - now,
      budgetsMs: Math.max(0, ...there.map(needMs)),
    };
  }

  /** What it is told of its time. */
  remainingMs(instance: Instance): number | undefined {
    const deadlineAt = this.deadlineOf(instance);
    return deadlineAt === undefined ? undefined : this.#toldMs(instance, deadlineAt);
  }

  #earlier({ id, token }: Registration): Instance | undefined {
    const instance = id === undefined ? undefined : this.find(id);
    return instance?.isLive && this.mayAct(instance, token ?? '') ? instance : undefined;
  }

  /** The same process, which asks again: it has not heard the answer. One without a stream may have been killed since. */
  #unheard({ name, container = name, pid }: Registration): Instance | undefined {
    const same = this.instances.find(
      (one) =>
        one.isLive && !one.hadStream && one.name === name && one.container === container && one.pid === pid,
    );
    if (!same || pid === undefined) return undefined;
    if (same.isSilent) return same;
    this.gone(same);
    return undefined;
  }

  #expected(name: string): Instance | undefined {
    return this.instances.find((one) => one.name === name && one.state === 'expected');
  }

  #unexpected({ name, container = name }: Registration): Instance {
    const live = this.instances.filter((one) => one.isLive).length;
    if (live >= limits.instances) {
      throw new Refused('too-many', `expected at most ${limits.instances} instances at once, got one more`);
    }
    const known = this.#options.expect.find((one) => one.name === name);
    const expected = known ?? { name, container, ports: [], after: [] };
    const instance = new Instance(newId(), expected, known !== undefined);
    this.#instances.set(instance.id, instance);
    this.#forget();
    return instance;
  }

  /** The oldest of those that are gone. */
  #forget(): void {
    const gone = this.instances.filter((one) => one.isGone);
    for (const one of gone.slice(0, Math.max(0, gone.length - mostGone))) {
      this.#instances.delete(one.id);
      this.#tokens.delete(one.id);
    }
  }

  #leaves(instance: Instance, state: 'lame-duck' | 'draining' | 'closing', reason: string | undefined): void {
    // By its own word there is no way back; by ours there is.
    instance.hasBegunToLeave = true;
    instance.depart(this.#reasonFor(instance) ?? reason ?? 'self', ...this.#now());
    this.#happen(instance, state);
    if (instance.hasLeft) instance.leftAt ??= this.#clock.monotonicMs();
  }

  #happen(instance: Instance, event: InstanceEvent): void {
    const from = instance.on(event);
    this.#kept.clear();
    if (from !== undefined) this.#tell({ type: 'instance', instance, from });
  }

  #outOfTime(instance: Instance): void {
    instance.depart(this.#reasonFor(instance) ?? 'self', ...this.#now());
    this.#happen(instance, 'deadline');
    this.#ended(instance, 'deadline');
  }

  #ended(instance: Instance, how: Ending['how'], farewell?: Farewell): void {
    if (instance.ending) return;
    const [at, atWallMs] = this.#now();
    const ending: Ending = { how, at, atWallMs, ...(farewell && { farewell }) };
    instance.hasBegunToLeave = true;
    instance.ending = ending;
    this.#tell({ type: 'ended', instance, ending });
  }

  #begin(drain: Drain): Drain {
    this.#drains = [...this.#drains, drain];
    for (const instance of this.#coveredBy(drain)) {
      if (instance.isLive) instance.depart(drain.reason, drain.startedAt, drain.startedAtWallMs);
    }
    this.#tell({ type: 'drain', drain });
    this.#advance();
    return drain;
  }

  /** The hook of a container that is held, a service that got its signal: nobody is ahead of the platform. */
  #firstSign(now: number): number {
    const left = this.instances
      .filter((one) => one.isLive && one.hasBegunToLeave)
      .map((one) => one.departure?.startedAt ?? now);
    const first = Math.min(now, this.#options.heldSince?.() ?? now, ...left);
    // What began longer ago is another story.
    return now - first < this.#options.graceMs ? first : now;
  }

  #cancel(drain: Drain): void {
    this.#drains = this.#drains.filter((one) => one !== drain);
    this.#kept.clear();
    for (const instance of this.#coveredBy(drain)) {
      if (!instance.isLive || instance.hasBegunToLeave || this.#drainsOf(instance).length > 0) continue;
      const wasTold = instance.told !== undefined;
      instance.stay();
      this.#happen(instance, 'cancelled');
      if (wasTold) this.#tell({ type: 'tell', instance, event: { type: 'cancel' } });
    }
    this.#tell({ type: 'cancelled', drain });
  }

  /** Whatever follows from how things are now. */
  #advance(): void {
    const now = this.#clock.monotonicMs();
    // Done with whom it was about: who comes under that name later is another.
    this.#drains = this.#drains.filter(
      (drain) => drain.scope === undefined || this.#coveredBy(drain).some(({ isLive }) => isLive),
    );
    for (const instance of this.#instances.values()) {
      if (instance.isLive && instance.isConnected) this.#tellWhatIsDue(instance, now);
    }
    const from = this.#state;
    this.#state = podStateOf(
      this.ending !== undefined,
      [...this.#instances.values()].map(({ state }) => state),
    );
    if (from !== this.#state) this.#tell({ type: 'pod', from, to: this.#state });
  }

  #tellWhatIsDue(instance: Instance, now: number): void {
    const drains = this.#drainsOf(instance);
    const deadlineAt = this.deadlineOf(instance);
    const reason = (drains.find((drain) => drain.reason !== 'pod') ?? drains[0])?.reason;
    if (deadlineAt === undefined || reason === undefined) return;
    const remainingMs = this.#toldMs(instance, deadlineAt);
    if (instance.hasBegunToLeave || instance.told === 'drain') {
      // Said again only where it has become less: a message for each report would be one too many.
      if (deadlineAt >= (instance.wasToldDeadlineAt ?? Infinity) - 1) return;
      instance.wasToldDeadlineAt = deadlineAt;
      this.#tell({ type: 'tell', instance, event: { type: 'deadline', remainingMs } });
      return;
    }
    // The platform tells each of them by a signal, when its hook is let go; only then there is no way back.
    const isToldByUs = reason !== 'pod' && this.#hasTurn(instance, now);
    if (isToldByUs) {
      instance.told = 'drain';
      instance.wasToldDeadlineAt = deadlineAt;
      this.#tell({ type: 'tell', instance, event: { type: 'drain', reason, remainingMs } });
    } else if (instance.told === undefined) {
      instance.told = 'lame-duck';
      if (instance.state === 'ready') this.#happen(instance, 'lame-duck');
      this.#tell({ type: 'tell', instance, event: { type: 'lame-duck', reason, remainingMs } });
    }
  }

  /** All that are to leave before it have left, or have had their time. */
  #hasTurn(instance: Instance, now: number): boolean {
    if (instance.after.length === 0) return true;
    return this.instances
      .filter((one) => instance.after.includes(one.name) && one.isLive)
      .every((one) => now >= (this.deadlineOf(one) ?? Infinity));
  }

  #shareOf(instance: Instance, drain: Drain): number {
    return drain.deadlineAt - (this.#keptFor(drain).get(instance.name) ?? 0);
  }

  #keptFor(drain: Drain): ReadonlyMap<string, number> {
    const known = this.#kept.get(drain);
    if (known) return known;
    const covered = this.#coveredBy(drain).filter((one) => !isOver(one.state));
    const kept = keptForOthersMs(covered, (drain.deadlineAt - drain.startedAt) * (1 - keptBack));
    this.#kept.set(drain, kept);
    return kept;
  }

  #toldMs(instance: Instance, deadlineAt: number): number {
    const longest = Math.max(
      0,
      ...this.#drainsOf(instance).map((drain) => (drain.deadlineAt - drain.startedAt) * keptBack),
    );
    const kept = Math.min(marginMs, longest);
    return Math.max(0, Math.round(deadlineAt - kept - this.#clock.monotonicMs()));
  }

  #coveredBy({ scope }: Drain): readonly Instance[] {
    return this.instances.filter(({ name }) => scope === undefined || name === scope);
  }

  #drainsOf({ name }: Instance): readonly Drain[] {
    return this.#drains.filter(({ scope }) => scope === undefined || scope === name);
  }

  #reasonFor(instance: Instance): string | undefined {
    return this.#drainsOf(instance)[0]?.reason;
  }

  /** Those that an order is made of. */
  #inOrder(): readonly Instance[] {
    return this.instances.filter(({ isGone }) => !isGone);
  }

  #now(): [monotonicMs: number, wallMs: number] {
    return [this.#clock.monotonicMs(), this.#clock.wallMs()];
  }
}

function newId(): string {
  return randomBytes(6).toString('hex');
}

function over({ name, state }: Instance): Refused {
  return new Refused('conflict', `expected ${name} to be there, got one that is ${state}; register again`);
}

/**
 * What a hook waits for.
 *
 * Balancers that have not noticed show by new connections; requests on old
 * ones tell nothing of them, and go on until the service says `Connection:
 * close`, which it does only when its hook has ended. One that tells of its
 * connections sees to the requests in flight itself, after its signal; of any
 * other they are waited for, by its own word or by the kernel's, for which an
 * open connection may carry one at any time.
 */
function figuresOf(instance: Instance, now: number): { inFlight: number; quietMs: number } | undefined {
  const { sockets, lastConnectionAt = -Infinity, lastArrivalAt = -Infinity } = instance;
  if (instance.tellsConnections) return { inFlight: 0, quietMs: now - lastConnectionAt };
  const inFlight = (instance.tellsArrivals ? instance.inFlight : undefined) ?? sockets?.established;
  if (inFlight === undefined) return undefined;
  return { inFlight, quietMs: now - (sockets ? lastConnectionAt : lastArrivalAt) };
}
