import { describe, expect, it } from 'vitest';
import { departureOf } from '../../src/pod/departure.js';
import type { Expected, Instance } from '../../src/pod/instance.js';
import { Pod, type PodEvent } from '../../src/pod/pod.js';
import { readinessOf } from '../../src/pod/readiness.js';
import { Refused } from '../../src/protocol/refused.js';
import { limits, type Registration } from '../../src/protocol/wire.js';
import { FakeClock } from './fake-clock.js';

const graceMs = 30_000;
const budgets = { delayMs: 0, requestsMs: 5_000, hooksMs: 1_000 };
const nobodyListens = () => false;

/** A pod of which everything that it tells is written down. */
class Watched {
  readonly clock: FakeClock = new FakeClock();
  readonly events: PodEvent[] = [];
  readonly pod: Pod;

  constructor(...expected: Partial<Expected>[]) {
    this.pod = new Pod({
      expect: expected.map((one) => ({
        name: 'orders',
        ports: [],
        after: [],
        container: one.name ?? 'orders',
        ...one,
      })),
      graceMs,
      clock: this.clock,
      tell: (event) => this.events.push(event),
    });
  }

  /** One that has registered, and listens to its stream. */
  join(registration: Partial<Registration> = {}): Instance {
    const { instance } = this.pod.register({ name: 'orders', budgets, ...registration });
    this.pod.connected(instance);
    return instance;
  }

  /** The same, ready. */
  ready(registration: Partial<Registration> = {}): Instance {
    const instance = this.join(registration);
    this.pod.update(instance, { ready: true });
    return instance;
  }

  told(instance: Instance): string[] {
    return this.events.flatMap((event) =>
      event.type === 'tell' && event.instance === instance ? [event.event.type] : [],
    );
  }

  /** What it was told last, whole. */
  lastTold(instance: Instance): unknown {
    return this.events.findLast((event) => event.type === 'tell' && event.instance === instance);
  }

  get ended(): string[] {
    return this.events.flatMap((event) =>
      event.type === 'ended' ? [`${event.instance.name} ${event.ending.how}`] : [],
    );
  }

  pass(ms: number): void {
    this.clock.pass(ms);
    this.pod.tick();
  }
}

function refusal(work: () => unknown): Refused {
  try {
    work();
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
  throw new Error('Expected a refusal, got none.');
}

describe('who registers', () => {
  it('is the one who was expected', () => {
    const watched = new Watched({ name: 'orders', ports: [3000] });
    expect(watched.pod.instances.map(({ state }) => state)).toEqual(['expected']);
    const instance = watched.join();
    expect(watched.pod.instances).toEqual([instance]);
    expect(instance).toMatchObject({ state: 'starting', ports: [3000], isExpected: true });
  });

  it('is the same again with its id and token, and may say other ports', () => {
    const { pod } = new Watched();
    const first = pod.register({ name: 'orders' });
    const again = pod.register({ name: 'orders', id: first.instance.id, token: first.token, ports: [8080] });
    expect(again).toMatchObject({ isNew: false, token: first.token });
    expect(again.instance).toBe(first.instance);
    expect(first.instance.ports).toEqual([8080]);
  });

  it('is another with a wrong token, and after its end', () => {
    const { pod } = new Watched();
    const { instance, token } = pod.register({ name: 'orders' });
    expect(pod.register({ name: 'orders', id: instance.id, token: `${token.slice(1)}x` }).isNew).toBe(true);
    pod.gone(instance);
    expect(pod.register({ name: 'orders', id: instance.id, token }).isNew).toBe(true);
  });

  it('may act with its own token, and with no other', () => {
    const { pod } = new Watched();
    const one = pod.register({ name: 'orders' });
    const other = pod.register({ name: 'cart' });
    expect(pod.mayAct(one.instance, one.token)).toBe(true);
    expect(pod.mayAct(one.instance, other.token)).toBe(false);
    expect(pod.mayAct(one.instance, '')).toBe(false);
    expect(pod.mayAct(one.instance, `${one.token}x`)).toBe(false);
  });

  it('is refused when there are too many, and not when some of them have gone', () => {
    const { pod } = new Watched();
    const all = Array.from({ length: limits.instances }, () => pod.register({ name: 'orders' }).instance);
    expect(refusal(() => pod.register({ name: 'orders' })).code).toBe('too-many');
    pod.gone(all[0] as Instance);
    expect(pod.register({ name: 'orders' }).isNew).toBe(true);
  });

  it('is refused when the order would be a circle', () => {
    const { pod } = new Watched();
    pod.register({ name: 'nginx', after: ['orders'] });
    const { code, message } = refusal(() => pod.register({ name: 'orders', after: ['nginx'] }));
    expect(code).toBe('conflict');
    expect(message).toContain('orders after nginx after orders');
  });

  it('is one, when it asks again for it has not heard the answer', () => {
    const { pod } = new Watched({ name: 'orders' });
    const first = pod.register({ name: 'orders', pid: 7 });
    const second = pod.register({ name: 'orders', pid: 7 });
    expect(second.instance).toBe(first.instance);
    expect([pod.mayAct(second.instance, first.token), pod.mayAct(second.instance, second.token)]).toEqual([
      false,
      true,
    ]);
    pod.update(second.instance, { ready: true });
    // One that has spoken has heard: this is another, of a container that was started again.
    const third = pod.register({ name: 'orders', pid: 7 });
    expect(third.instance).not.toBe(first.instance);
    expect(first.instance.state).toBe('crashed');
  });

  it('is nobody when it has gone without the answer', () => {
    const { pod } = new Watched({ name: 'orders' });
    const { instance } = pod.register({ name: 'orders' });
    pod.withdraw(instance);
    expect(pod.instances.map(({ state }) => state)).toEqual(['expected']);
    expect(pod.find(instance.id)).toBeUndefined();
    const other = pod.register({ name: 'orders' }).instance;
    pod.connected(other);
    pod.withdraw(other);
    expect(pod.instances).toEqual([other]);
  });

  it('is forgotten only when many others have gone since', () => {
    const { pod } = new Watched();
    const first = pod.register({ name: 'orders' }).instance;
    pod.gone(first);
    for (let index = 0; index < 256; index++) pod.gone(pod.register({ name: 'cart' }).instance);
    expect(pod.instances).toContain(first);
    pod.register({ name: 'cart' });
    pod.gone(pod.instances.at(-1) as Instance);
    pod.register({ name: 'cart' });
    expect(pod.instances).not.toContain(first);
    expect(pod.find(first.id)).toBeUndefined();
  });
});

describe('readiness', () => {
  it('is that of each name that is known', () => {
    const watched = new Watched({ name: 'orders' }, { name: 'cart' });
    expect(readinessOf(watched.pod, nobodyListens).waitsFor).toEqual([
      'orders has not registered',
      'cart has not registered',
    ]);
    watched.ready();
    const cart = watched.join({ name: 'cart' });
    watched.pod.update(cart, { ready: false, reason: 'no database' });
    expect(readinessOf(watched.pod, nobodyListens).waitsFor).toEqual(['cart is starting: no database']);
    watched.pod.update(cart, { ready: true });
    expect(readinessOf(watched.pod, nobodyListens)).toEqual({ isReady: true, waitsFor: [] });
  });

  it('is nobody’s where nobody is', () => {
    expect(readinessOf(new Watched().pod, nobodyListens).waitsFor).toEqual([
      'no instance has registered, and none is expected',
    ]);
  });

  it('is told by the kernel for one that never registers', () => {
    const { pod } = new Watched({ name: 'orders', ports: [3000, 3001] });
    expect(readinessOf(pod, (port) => port === 3000).isReady).toBe(false);
    expect(readinessOf(pod, () => true).isReady).toBe(true);
    expect(readinessOf(pod, () => undefined).isReady).toBe(false);
  });

  it('ends with the stream, before anything else is known', () => {
    const watched = new Watched();
    const instance = watched.ready();
    watched.pod.disconnected(instance);
    expect(readinessOf(watched.pod, nobodyListens).isReady).toBe(false);
    expect(instance.state).toBe('ready');
  });

  it('is missed of one that crashed, until another of its name is there', () => {
    const watched = new Watched();
    watched.ready({ name: 'cart' });
    watched.pod.gone(watched.ready());
    expect(readinessOf(watched.pod, nobodyListens).waitsFor).toEqual(['orders is crashed']);
    watched.ready();
    expect(readinessOf(watched.pod, nobodyListens).isReady).toBe(true);
  });

  it('is not missed of one that nobody expects, and that left in order', () => {
    const watched = new Watched();
    watched.ready({ name: 'cart' });
    watched.pod.bye(watched.ready(), { verdict: 'clean' });
    expect(readinessOf(watched.pod, nobodyListens).isReady).toBe(true);
  });

  it('goes on while the platform ends the pod, until somebody closes their doors', () => {
    const watched = new Watched();
    const instance = watched.ready();
    watched.pod.drain({ reason: 'pod' });
    expect(instance.state).toBe('lame-duck');
    expect(readinessOf(watched.pod, nobodyListens).isReady).toBe(true);
    watched.pod.update(instance, { state: 'draining' });
    expect(readinessOf(watched.pod, nobodyListens).isReady).toBe(false);
  });

  it('ends at once when an operator ends the pod, and when one leaves alone', () => {
    const ordered = new Watched();
    ordered.ready();
    ordered.pod.drain({ reason: 'operator' });
    expect(readinessOf(ordered.pod, nobodyListens).waitsFor[0]).toBe('the pod leaves (operator)');
    const alone = new Watched();
    alone.pod.update(alone.ready(), { state: 'lame-duck' });
    expect(readinessOf(alone.pod, nobodyListens).isReady).toBe(false);
  });

  it('is asked of one container alone', () => {
    const watched = new Watched({ name: 'orders', container: 'app' }, { name: 'cart' });
    watched.ready();
    expect(readinessOf(watched.pod, nobodyListens, 'app').isReady).toBe(true);
    expect(readinessOf(watched.pod, nobodyListens, 'cart').isReady).toBe(false);
    expect(readinessOf(watched.pod, nobodyListens, 'nobody').waitsFor[0]).toContain('container nobody');
  });
});

describe('the end of a pod, by the platform', () => {
  it('is announced, and takes nothing that could not be taken back', () => {
    const watched = new Watched();
    const instance = watched.ready();
    watched.pod.drain({ reason: 'pod' });
    expect(watched.told(instance)).toEqual(['lame-duck']);
    expect(watched.lastTold(instance)).toMatchObject({ event: { reason: 'pod', remainingMs: 27_000 } });
    expect(instance.hasBegunToLeave).toBe(false);
    expect(watched.pod.state).toBe('terminating');
  });

  it('tells the deadline to those who have got their signal', () => {
    const watched = new Watched();
    const instance = watched.ready();
    watched.pod.drain({ reason: 'pod' });
    watched.pass(4_000);
    watched.pod.update(instance, { state: 'lame-duck', reason: 'SIGTERM' });
    expect(watched.told(instance)).toEqual(['lame-duck', 'deadline']);
    expect(watched.lastTold(instance)).toMatchObject({ event: { remainingMs: 23_000 } });
    watched.pod.update(instance, { state: 'draining' });
    expect(watched.told(instance)).toEqual(['lame-duck', 'deadline']);
  });

  it('goes on to released and done', () => {
    const watched = new Watched();
    const [one, other] = [watched.ready(), watched.ready({ name: 'cart' })];
    watched.pod.drain({ reason: 'pod' });
    watched.pod.update(one, { state: 'draining' });
    expect(watched.pod.state).toBe('terminating');
    watched.pod.update(other, { state: 'draining' });
    expect(watched.pod.state).toBe('released');
    watched.pod.bye(one, {});
    watched.pod.gone(other);
    expect(watched.pod.state).toBe('done');
    expect(watched.ended).toEqual(['orders bye', 'cart eof']);
  });

  it('kills nobody before its deadline, and says so of those who are left then', () => {
    const watched = new Watched({ name: 'orders' }, { name: 'never' });
    const instance = watched.ready();
    watched.pod.drain({ reason: 'pod' });
    watched.pass(graceMs - 1);
    expect(watched.ended).toEqual([]);
    watched.pass(1);
    expect(instance.state).toBe('killed');
    watched.pod.close();
    expect(watched.ended).toEqual(['orders deadline', 'never never-registered']);
  });

  it('began with the first sign of it, whoever saw that', () => {
    const watched = new Watched();
    const instance = watched.ready();
    watched.pod.update(instance, { state: 'lame-duck', reason: 'SIGTERM' });
    watched.pass(1_300);
    const drain = watched.pod.drain({ reason: 'pod' });
    expect(drain.deadlineAt).toBe(watched.clock.monotonicMs() + graceMs - 1_300);
    expect(watched.lastTold(instance)).toMatchObject({ event: { type: 'deadline', remainingMs: 25_700 } });
  });

  it('is the same when it is said twice, and only ever comes nearer', () => {
    const { pod } = new Watched();
    const first = pod.drain({ reason: 'pod' });
    expect(pod.drain({ reason: 'pod', deadlineMs: 60_000 })).toBe(first);
    expect(first.deadlineAt - first.startedAt).toBe(graceMs);
    expect(pod.drain({ reason: 'pod', deadlineMs: 1_000 })).toBe(first);
    expect(first.deadlineAt - first.startedAt).toBe(1_000);
  });

  it('reaches those who come while it goes on', () => {
    const watched = new Watched();
    watched.pod.drain({ reason: 'pod' });
    watched.pass(10_000);
    const late = watched.join();
    expect(watched.told(late)).toEqual(['lame-duck']);
    expect(watched.pod.remainingMs(late)).toBe(17_000);
    expect(late.departure?.startedAt).toBe(watched.pod.ending?.startedAt);
  });

  it('is told again on a new stream', () => {
    const watched = new Watched();
    const instance = watched.ready();
    watched.pod.drain({ reason: 'operator' });
    watched.pod.connected(instance);
    expect(watched.told(instance)).toEqual(['drain', 'drain']);
  });
});

describe('the end of a pod, by order', () => {
  it('goes from the first to the last', () => {
    const watched = new Watched();
    const nginx = watched.ready({ name: 'nginx' });
    const app = watched.ready({ name: 'app', after: ['nginx'] });
    const proxy = watched.ready({ name: 'proxy', after: ['app'] });
    watched.pod.drain({ reason: 'operator' });
    expect([nginx, app, proxy].map((one) => watched.told(one))).toEqual([
      ['drain'],
      ['lame-duck'],
      ['lame-duck'],
    ]);
    watched.pod.bye(nginx, {});
    expect(watched.told(app)).toEqual(['lame-duck', 'drain']);
    expect(watched.told(proxy)).toEqual(['lame-duck']);
    watched.pod.gone(app);
    expect(watched.told(proxy)).toEqual(['lame-duck', 'drain']);
  });

  it('gives each what those behind it leave', () => {
    const watched = new Watched();
    const nginx = watched.ready({ name: 'nginx' });
    const app = watched.ready({ name: 'app', after: ['nginx'] });
    watched.pod.drain({ reason: 'operator', deadlineMs: 20_000 });
    // 20 s, less 6 s for the app behind it, less a tenth that nobody is given.
    expect(watched.lastTold(nginx)).toMatchObject({ event: { type: 'drain', remainingMs: 12_000 } });
    expect(watched.lastTold(app)).toMatchObject({ event: { type: 'lame-duck', remainingMs: 18_000 } });
  });

  it('does not wait for one that has had its time', () => {
    const watched = new Watched();
    watched.ready({ name: 'nginx' });
    const app = watched.ready({ name: 'app', after: ['nginx'] });
    watched.pod.drain({ reason: 'operator', deadlineMs: 20_000 });
    watched.pass(13_999);
    expect(watched.told(app)).toEqual(['lame-duck']);
    watched.pass(1);
    expect(watched.told(app)).toEqual(['lame-duck', 'drain']);
  });

  it('waits for nobody who never came', () => {
    const watched = new Watched({ name: 'nginx' });
    const app = watched.ready({ name: 'app', after: ['nginx'] });
    watched.pod.drain({ reason: 'operator' });
    expect(watched.told(app)).toEqual(['drain']);
  });

  it('concerns one alone, where that is said', () => {
    const watched = new Watched();
    const [one, other] = [watched.ready(), watched.ready({ name: 'cart' })];
    watched.pod.drain({ reason: 'operator', scope: 'cart' });
    expect([watched.told(one), watched.told(other)]).toEqual([[], ['drain']]);
    expect(watched.pod.state).toBe('running');
    expect(readinessOf(watched.pod, nobodyListens).isReady).toBe(true);
    watched.pod.update(other, { state: 'lame-duck' });
    watched.pod.bye(other, {});
    // Whoever comes under that name is another, and was not meant.
    expect(watched.told(watched.ready({ name: 'cart' }))).toEqual([]);
    expect(refusal(() => watched.pod.drain({ reason: 'operator', scope: 'nobody' })).code).toBe('invalid');
  });

  it('comes nearer for those who were told already', () => {
    const watched = new Watched();
    const instance = watched.ready();
    watched.pod.drain({ reason: 'operator' });
    watched.pod.drain({ reason: 'operator', deadlineMs: 1_000 });
    expect(watched.told(instance)).toEqual(['drain', 'deadline']);
    expect(watched.lastTold(instance)).toMatchObject({ event: { remainingMs: 900 } });
  });
});

describe('a cancelled end', () => {
  it('is as if nothing had been', () => {
    const watched = new Watched();
    const instance = watched.ready();
    const { id } = watched.pod.drain({ reason: 'pod' });
    watched.pod.cancel(id);
    expect(watched.told(instance)).toEqual(['lame-duck', 'cancel']);
    expect(instance).toMatchObject({ state: 'ready', departure: undefined, told: undefined });
    expect(watched.pod.state).toBe('running');
    expect(watched.pod.deadlineOf(instance)).toBeUndefined();
    watched.pass(graceMs * 2);
    expect(watched.ended).toEqual([]);
  });

  it('is refused when somebody has begun to leave', () => {
    const watched = new Watched();
    const instance = watched.ready();
    const { id } = watched.pod.drain({ reason: 'pod' });
    watched.pod.update(instance, { state: 'lame-duck' });
    expect(refusal(() => watched.pod.cancel(id))).toMatchObject({ code: 'conflict' });
    expect(refusal(() => watched.pod.cancel('nothing')).code).toBe('not-found');
  });

  it('does not make ready who was not', () => {
    const watched = new Watched();
    const instance = watched.join();
    const { id } = watched.pod.drain({ reason: 'pod' });
    watched.pod.cancel(id);
    expect(instance.state).toBe('starting');
  });

  it('tells nobody who has left for good, when only the companion ends', () => {
    const watched = new Watched();
    const [stays, leaves] = [watched.ready(), watched.ready({ name: 'cart' })];
    watched.pod.drain({ reason: 'pod' });
    watched.pod.update(leaves, { state: 'draining' });
    watched.pod.goesOn();
    expect(watched.told(stays)).toEqual(['lame-duck', 'cancel']);
    expect(watched.told(leaves)).toEqual(['lame-duck', 'deadline']);
    expect(watched.pod.state).toBe('running');
  });
});

describe('a farewell', () => {
  it('stands, whatever comes after it', () => {
    const watched = new Watched();
    const instance = watched.ready();
    watched.pod.bye(instance, { verdict: 'clean' });
    watched.pod.bye(instance, { verdict: 'failed' });
    watched.pod.gone(instance);
    expect(instance).toMatchObject({
      state: 'exited',
      ending: { how: 'bye', farewell: { verdict: 'clean' } },
    });
    expect(watched.ended).toEqual(['orders bye']);
  });

  it('is the end of one that has no stream', () => {
    const { pod } = new Watched();
    const { instance } = pod.register({ name: 'orders' });
    pod.bye(instance, {});
    expect(instance.state).toBe('exited');
  });

  it('comes too late after the end', () => {
    const watched = new Watched();
    const instance = watched.ready();
    watched.pod.gone(instance);
    expect(refusal(() => watched.pod.bye(instance, {})).code).toBe('conflict');
    expect(refusal(() => watched.pod.update(instance, { inFlight: 1 })).code).toBe('conflict');
  });
});

describe('what was seen of a departure', () => {
  const witness = { pod: 'orders-1', podUid: 'u', epoch: 2, graceMs };
  const seen = (watched: Watched, instance: Instance) => {
    if (!instance.ending) throw new Error('Expected it to have ended.');
    return departureOf(watched.pod, instance, instance.ending, witness);
  };

  it('is counted from the begin of the end', () => {
    const watched = new Watched();
    const instance = watched.ready({ container: 'app' });
    watched.pod.update(instance, { served: 100, inFlight: 7 });
    watched.pass(60_000);
    watched.pod.update(instance, { inFlight: 0 });
    watched.pod.drain({ reason: 'pod' });
    watched.pass(1_000);
    watched.pod.update(instance, { served: 110, inFlight: 3, lastArrivalMs: 200, lastConnectionMs: 500 });
    watched.pass(2_000);
    watched.pod.update(instance, { state: 'draining', inFlight: 1 });
    watched.pass(500);
    watched.pod.update(instance, { inFlight: 0 });
    watched.pod.bye(instance, { verdict: 'clean' });
    expect(seen(watched, instance)).toMatchObject({
      pod: 'orders-1',
      container: 'app',
      name: 'orders',
      epoch: 2,
      reason: 'pod',
      exit: { how: 'bye', afterMs: 3_500 },
      lameDuckMs: 3_000,
      lastArrivalMs: 800,
      propagationMs: 500,
      inFlightAtClose: 0,
      maxInFlight: 3,
      served: 10,
      deadlineSlackMs: 26_500,
      farewell: { verdict: 'clean' },
    });
  });

  it('says what one was doing when it was killed', () => {
    const watched = new Watched();
    const instance = watched.ready();
    watched.pod.update(instance, { inFlight: 4 });
    watched.pod.gone(instance);
    expect(seen(watched, instance)).toMatchObject({
      reason: 'crash',
      exit: { how: 'eof', afterMs: 0 },
      inFlightAtClose: 4,
    });
    // Nobody works on them any more: what is scraped later is at zero.
    expect(instance.inFlight).toBe(0);
  });
});

describe('what is known of those who are held', () => {
  it('is by their own word, where they tell what comes', () => {
    const watched = new Watched();
    const instance = watched.ready();
    const { clock, pod } = watched;
    pod.update(instance, { inFlight: 1, lastArrivalMs: 0 });
    watched.pass(3_000);
    pod.update(instance, { inFlight: 0 });
    expect(pod.holdFacts('orders', clock.monotonicMs())).toMatchObject({
      isGone: false,
      hasTurn: true,
      heldMs: 0,
      inFlight: 0,
      quietMs: 3_000,
      budgetsMs: 6_000,
      remainingMs: graceMs,
    });
  });

  it('is the kernel’s, where they do not', () => {
    const watched = new Watched();
    const instance = watched.ready();
    watched.pod.update(instance, { inFlight: 0 });
    expect(watched.pod.holdFacts('orders', 0)).toMatchObject({ inFlight: undefined, quietMs: undefined });
    instance.sockets = { established: 2, listening: 1, busy: 0 };
    expect(watched.pod.holdFacts('orders', 0)).toMatchObject({ inFlight: 2, quietMs: Infinity });
  });

  it('is of new connections, where they are told: those that are kept go on after the hook', () => {
    const watched = new Watched();
    const instance = watched.ready();
    watched.pod.update(instance, { inFlight: 0, lastConnectionMs: 0 });
    watched.pass(3_000);
    watched.pod.update(instance, { inFlight: 5, served: 1_000, lastArrivalMs: 0, lastConnectionMs: 3_000 });
    expect(watched.pod.holdFacts('orders', 0)).toMatchObject({ inFlight: 0, quietMs: 3_000 });
  });

  it('is that of all of them, where no container is named', () => {
    const watched = new Watched();
    for (const [name, inFlight] of [
      ['orders', 2],
      ['cart', 3],
    ] as const) {
      watched.pod.update(watched.ready({ name }), { inFlight, lastArrivalMs: 10 * inFlight });
    }
    expect(watched.pod.holdFacts(undefined, 0)).toMatchObject({ inFlight: 5, quietMs: 20 });
  });

  it('counts from the begin of the end', () => {
    const watched = new Watched();
    watched.ready();
    watched.pod.drain({ reason: 'pod' });
    watched.pass(2_000);
    const facts = watched.pod.holdFacts('orders', watched.clock.monotonicMs());
    expect(facts).toMatchObject({ heldMs: 2_000, remainingMs: 28_000 });
  });

  it('waits for its turn, and is gone with the last of them', () => {
    const watched = new Watched();
    const nginx = watched.ready({ name: 'nginx' });
    const app = watched.ready({ name: 'app', after: ['nginx'] });
    expect(watched.pod.holdFacts('app', 0).hasTurn).toBe(false);
    watched.pod.bye(nginx, {});
    expect(watched.pod.holdFacts('app', 0).hasTurn).toBe(true);
    watched.pod.gone(app);
    expect(watched.pod.holdFacts('app', 0).isGone).toBe(true);
    expect(watched.pod.holdFacts('nobody', 0)).toMatchObject({ isGone: false, inFlight: undefined });
  });
});
