import type { Exchange } from '@graceful/conformance/client';
import type { Trial } from '../harness/trial.js';
import { roomy, type Scenario } from './scenario.js';

const streams = 24;
const spreadMs = 1_200;
const delayMs = 500;

/** What must be true of an event stream that has ended. */
async function expectWhole(trial: Trial, exchange: Exchange): Promise<void> {
  const { body } = await exchange.answer();
  trial.check(
    /^data: 1\n\n(data: \d+\n\n)*retry: 750\n\n$/.test(body),
    `an event stream ended with ${body.slice(-60)}`,
  );
}

/**
 * None ends in the lame-duck, nor before its turn: of n streams, the k-th to
 * end ends at k/n of the span or later. The signal came before all of it.
 */
function checkTurns(trial: Trial, exchanges: readonly Exchange[]): void {
  const beganAt = (trial.leftAt ?? 0) + delayMs;
  const early = exchanges
    .map(({ answeredAt = 0 }) => answeredAt)
    .toSorted((one, other) => one - other)
    .filter((at, index) => at - beganAt < (index / exchanges.length) * spreadMs);
  trial.equal(early.length, 0, 'event streams that ended before their turns');
}

export const eventStreams: readonly Scenario[] = [
  {
    name: 'ends event streams whole, each at its turn, with a hint when to come back',
    wants: { drain: { delayMs, spreadMs, retryMs: 750 } },
    async run(trial) {
      const ordinary = await trial.connect();
      const exchanges = await Promise.all(
        Array.from({ length: streams }, async (_none, index) => {
          const connection = await trial.connect();
          const exchange = connection.send({ path: `/events?id=${index}` });
          await trial.service.entered(String(index));
          return exchange;
        }),
      );
      const beside = ordinary.send({ path: '/hold?id=beside' });
      await trial.service.entered('beside');
      trial.signal();
      await Promise.all(exchanges.map((exchange) => expectWhole(trial, exchange)));
      trial.service.release('beside');
      await beside.answer();
      checkTurns(trial, exchanges);
    },
    outcome: {
      requests: { inFlightAtStart: streams + 1, served: streams + 1 },
      drainMs: [spreadMs / 2, 8_000],
    },
  },
  {
    name: 'ends an event stream that begins in the lame-duck, and tells its client',
    wants: { drain: { ...roomy.drain, retryMs: 750 } },
    async run(trial) {
      const connection = await trial.connect();
      trial.signal();
      await trial.service.state('lame-duck');
      const exchange = connection.send({ path: '/events?id=late' });
      await expectWhole(trial, exchange);
      trial.check(exchange.response?.saysClose ?? false, 'the event stream did not say Connection: close');
    },
    outcome: { requests: { inFlightAtStart: 0, served: 1, servedInLameDuck: 1 }, connections: { told: 1 } },
  },
  {
    name: 'waits for no turn of an event stream whose client has gone',
    wants: { drain: { spreadMs: 5_000 } },
    async run(trial) {
      const connections = await Promise.all(
        Array.from({ length: 50 }, async (_none, index) => {
          const connection = await trial.connect();
          const exchange = connection.send({ path: `/events?id=${index}` });
          await trial.service.entered(String(index));
          return { connection, exchange };
        }),
      );
      trial.signal();
      // The first has its turn at once, the others 100 ms after each other.
      await Promise.race(connections.map(({ exchange }) => exchange.answer()));
      for (const { connection, exchange } of connections)
        if (exchange.fate !== 'answered') connection.destroy();
    },
    outcome: { requests: { inFlightAtStart: 50 }, drainMs: [0, 4_000] },
  },
  {
    name: 'does not wait for event streams where the lame-duck is adaptive',
    wants: { drain: { delayMs: { minMs: 50, maxMs: 15_000, quietMs: 50 }, retryMs: 750 } },
    async run(trial) {
      const exchange = (await trial.connect()).send({ path: '/events?id=only' });
      await trial.service.entered('only');
      trial.signal();
      await expectWhole(trial, exchange);
      const lameDuck = trial.service.notices.find(
        (notice) => notice.type === 'state' && notice.state === 'lame-duck',
      );
      const lasted = (exchange.answeredAt ?? Infinity) - (lameDuck?.at ?? 0);
      trial.check(lasted < 10_000, `the lame-duck waited for an event stream, ${lasted.toFixed()} ms`);
    },
    outcome: { requests: { served: 1 }, drainMs: [0, 8_000] },
  },
];
