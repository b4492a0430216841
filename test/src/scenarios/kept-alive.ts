import {
  askAndComeBack,
  askOnFreshConnections,
  askUntilTold,
  Balancer,
  type Connection,
  late,
  type RawRequest,
  Relay,
} from '@graceful/conformance/client';
import { untilQuiet } from '../harness/stay.js';
import type { Trial } from '../harness/trial.js';
import type { Scenario } from './scenario.js';

const requests: readonly RawRequest[] = [
  { path: '/' },
  { path: '/slow?ms=15' },
  { path: '/echo', method: 'POST', body: 'a small order' },
  // Errors are answers too, and end a connection no less.
  { path: '/nowhere' },
];

function range(count: number): number[] {
  return Array.from({ length: count }, (_none, index) => index);
}

/** A balancer that has seen the service ready, and watches it leave. */
async function balancerOf(trial: Trial): Promise<{ balancer: Balancer; watched: Promise<void> }> {
  const balancer = new Balancer(() => trial.observers.connect(trial.service.address()));
  return { balancer, watched: balancer.watch() };
}

/** A request that holds the lame-duck ({@link untilQuiet}) for as long as this machine needs. */
async function hold(trial: Trial): Promise<{ release(): Promise<void> }> {
  const exchange = (await trial.connect()).send({ path: '/hold?id=stay' });
  await trial.service.entered('stay');
  return {
    release: async () => {
      const drainingAt = trial.service.notices.find((notice) => {
        return notice.type === 'state' && notice.state === 'draining';
      })?.at;
      trial.equal(drainingAt, undefined, 'end of the lame-duck while a request was in flight');
      trial.service.release('stay');
      await exchange.answer();
    },
  };
}

async function goOnUntilTold(
  trial: Trial,
  connections: readonly Connection[],
  thinkMs: (index: number) => number,
): Promise<void> {
  // Whoever has had an answer has been accepted: the kernel resets those who are still waiting for that.
  await Promise.all(connections.map((connection) => connection.ask({ path: '/' })));
  const clients = connections.map((connection, index) => {
    return askUntilTold(connection, { requests, thinkMs: thinkMs(index) });
  });
  await trial.warm(4 * connections.length);
  trial.signal();
  await Promise.all(clients);
  const untold = connections.filter(({ told }) => !told).length;
  trial.equal(untold, 0, 'clients that were never told');
}

/**
 * Nobody is told before its turn: of n clients who were there, the k-th to be
 * told is told at k/n of the span or later. The signal came before it began.
 */
function checkTurns(trial: Trial, connections: readonly Connection[], spanMs: number): void {
  const toldAt = connections.flatMap(({ told, exchanges }) =>
    told ? (exchanges.at(-1)?.answeredAt ?? 0) : [],
  );
  const early = toldAt
    .toSorted((one, other) => one - other)
    .filter((at, index) => at - (trial.leftAt ?? 0) < (index / connections.length) * spanMs);
  trial.equal(early.length, 0, 'clients that were told before their turns');
}

export const keptAlive: readonly Scenario[] = [
  {
    name: 'answers kept-alive clients through the lag, who come back until the balancer has noticed',
    wants: { drain: untilQuiet }, // a number would be a guess how long a balancer takes here
    async run(trial) {
      const { balancer, watched } = await balancerOf(trial);
      const pools = range(12).map((index) => {
        const pace = { requests, thinkMs: 2 + index };
        return askAndComeBack(
          () => trial.connect(),
          pace,
          () => balancer.out,
        );
      });
      await trial.warm(24);
      const stay = await hold(trial);
      trial.signal();
      await Promise.all([...pools, watched]);
      await stay.release();
      trial.equal(trial.clients.refusals, [], 'connections refused before the balancer had noticed');
    },
    outcome: { connections: { idle: 0 } },
  },
  {
    name: 'accepts fresh connections through the lag',
    wants: { drain: untilQuiet }, // a number would be a guess how long a balancer takes here
    async run(trial) {
      const { balancer, watched } = await balancerOf(trial);
      const callers = range(6).map((index) => {
        const pace = { requests, thinkMs: 1 + index };
        return askOnFreshConnections(
          () => trial.connect(),
          pace,
          () => balancer.out,
        );
      });
      await trial.warm(12);
      const stay = await hold(trial);
      trial.signal();
      await Promise.all([...callers, watched]);
      await stay.release();
      trial.equal(trial.clients.refusals, [], 'connections refused before the balancer had noticed');
    },
  },
  {
    name: 'ends an adaptive lame-duck once traffic has stopped, and not before',
    wants: { drain: untilQuiet },
    async run(trial) {
      const { balancer, watched } = await balancerOf(trial);
      const callers = range(6).map((index) => {
        const pace = { requests, thinkMs: 1 + index };
        return askOnFreshConnections(
          () => trial.connect(),
          pace,
          () => balancer.out,
        );
      });
      await trial.warm(12);
      const stay = await hold(trial);
      trial.signal();
      await Promise.all([...callers, watched]);
      await stay.release();
      trial.equal(trial.clients.refusals, [], 'connections refused while requests still came');
      // Within the patience of `play`, which is a third of the longest.
      await trial.service.state('draining');
    },
  },
  {
    name: 'answers clients that go on until told, without a lame-duck too',
    wants: { drain: { delayMs: 0 } },
    async run(trial) {
      using distance = await Relay.to(() => trial.service.address(), late(10), late(10));
      const connections = await Promise.all(range(40).map(() => trial.clients.connect(distance.address)));
      await goOnUntilTold(trial, connections, (index) => 20 + index * 5);
      await Promise.all(connections.map(({ closed }) => closed));
    },
    outcome: { requests: { servedInLameDuck: 0 }, connections: { told: 40, idle: 0, client: 0 } },
  },
  {
    name: 'answers whoever got a connection before the drain began',
    async run(trial) {
      const callers = range(4).map(() => {
        const pace = { requests: [{ path: '/' }], thinkMs: 1 };
        return askOnFreshConnections(
          () => trial.connect(),
          pace,
          () => false,
        );
      });
      await trial.warm(40);
      trial.signal();
      await Promise.all(callers);
      const { at: drainingAt } = await trial.service.state('draining');
      for (const connection of trial.clients.connections.filter(({ end }) => end?.how === 'reset')) {
        const unanswered = connection.exchanges.every(({ response }) => response === undefined);
        if (connection.openedAt > drainingAt && unanswered) trial.clients.refused(connection);
      }
    },
  },
  {
    name: 'answers clients that go on until told, also when they ask long after the listener closed',
    async run(trial) {
      // From those who ask at once to those who think for longer than the lame-duck lasts.
      const connections = await Promise.all(range(24).map(() => trial.connect()));
      await goOnUntilTold(trial, connections, (index) => 3 + index * 40);
    },
    outcome: { connections: { told: 24, idle: 0, client: 0 } },
  },
  {
    name: 'answers clients that go on until told, who are 20 ms away',
    async run(trial) {
      // What is closed here is heard of there when the next request is on its way.
      using distance = await Relay.to(() => trial.service.address(), late(10), late(10));
      const connections = await Promise.all(range(60).map(() => trial.clients.connect(distance.address)));
      // Half of them ask in quick succession, each at its own pace, so that at every instant some
      // requests are on their way; the others long after the listener has closed, too.
      await goOnUntilTold(trial, connections, (index) =>
        index % 2 === 0 ? 10 + ((index * 7) % 35) : 20 + index * 10,
      );
      await Promise.all(connections.map(({ closed }) => closed));
    },
    outcome: { connections: { told: 60, idle: 0, client: 0 } },
  },
  {
    name: 'tells many clients one after the other across the lame-duck, the rest as it ends, and lets the silent go',
    // Those who ask only in the drain have so long for it.
    wants: {
      drain: { delayMs: 2_000, tellMs: 1_500, requestsMs: 9_000, idleMs: 4_000 },
      keepAliveMs: 10_000,
    },
    async run(trial) {
      const connections = await Promise.all(range(70).map(() => trial.connect()));
      const [seldom, silent] = [connections.slice(0, 5), connections.slice(5, 10)];
      await Promise.all([...seldom, ...silent].map((connection) => connection.ask({ path: '/' })));
      await goOnUntilTold(trial, connections.slice(10), (index) => 10 + (index % 20));
      checkTurns(trial, connections, 1_500);
      // Their turns have passed, but they ask only now.
      await trial.service.state('draining');
      await Promise.all(seldom.map((connection) => connection.ask({ path: '/' })));
      trial.equal(
        seldom.filter(({ told }) => !told).length,
        0,
        'clients that were not told after the lame-duck',
      );
      await Promise.all(silent.map(({ closed }) => closed));
    },
    outcome: { connections: { told: 65, idle: 5, client: 0 }, drainMs: [3_900, 8_000] },
  },
];
