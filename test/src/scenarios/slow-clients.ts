import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, type Exchange } from '@graceful/conformance/client';
import type { Trial } from '../harness/trial.js';
import type { Scenario } from './scenario.js';

/** Between two bytes, in milliseconds: often enough that a timeout between bytes never ends it. */
const everyMs = 15;

/** More than anybody sends in a scenario, byte by byte. */
const longBytes = 4_000;

function slowHead(connection: Connection): Exchange {
  return connection.draft({ path: '/', headers: { 'X-Padding': 'x'.repeat(longBytes) } });
}

/** The head at once, and some of the body. */
function slowBody(connection: Connection, id: string): Exchange {
  const exchange = connection.draft({ method: 'POST', path: `/count?id=${id}`, body: 'x'.repeat(longBytes) });
  return exchange.send(exchange.wire.headBytes + 1);
}

async function byteByByte(connection: Connection, exchange: Exchange): Promise<void> {
  while (connection.usable && exchange.unsentBytes > 0) {
    exchange.send(1);
    await pause(everyMs);
  }
}

/** Slow heads and slow bodies, on connections with a past and without. */
async function attack(
  trial: Trial,
  when: string,
  connections: readonly Connection[],
): Promise<Promise<void>[]> {
  const attacks = connections.map(async (connection, index) => {
    const id = `${when}-${index}`;
    if (index % 2 === 0) return { connection, exchange: slowHead(connection) };
    const exchange = slowBody(connection, id);
    await trial.service.entered(id);
    return { connection, exchange };
  });
  return (await Promise.all(attacks)).map(({ connection, exchange }) => byteByByte(connection, exchange));
}

const requestsMs = 3_000;
const heads = 6;
const bodies = 6;

export const slowClients: readonly Scenario[] = [
  {
    name: 'is held by clients that send byte by byte no longer than its budget, and loses nobody else',
    wants: { drain: { delayMs: 1_000, requestsMs, idleMs: 1_000 } },
    async run(trial) {
      const { service } = trial;
      const open = (count: number) => Promise.all(Array.from({ length: count }, () => trial.connect()));
      const [before, during, after, [held, silent]] = [
        await open(4),
        await open(4),
        await open(4),
        await open(2),
      ];
      if (!held || !silent) throw new Error('Expected two clients with manners.');
      // Half of each have been used before, so that their promise is another.
      for (const group of [before, during, after]) {
        await Promise.all(group.slice(2).map((connection) => connection.ask({ path: '/' })));
      }
      const exchange = held.send({ path: '/hold?id=held' });
      await service.entered('held');
      const attacks = await attack(trial, 'before', before);
      trial.signal();
      await service.state('lame-duck');
      attacks.push(...(await attack(trial, 'during', during)));
      await service.state('draining');
      attacks.push(...(await attack(trial, 'after', after)));
      await silent.ask({ path: '/slow?ms=50' });
      service.release('held');
      await exchange.answer();
      await Promise.all(attacks);
    },
    outcome: {
      exitCode: 1,
      verdict: 'forced',
      requests: { dropped: bodies },
      connections: { forced: heads + bodies, told: 2, idle: 0 },
      drainMs: [requestsMs - 100, requestsMs + 1_000],
    },
  },
  {
    name: 'takes a body that comes byte by byte and comes whole in time',
    async run(trial) {
      const connection = await trial.connect();
      const body = 'x'.repeat(60);
      const exchange = connection.draft({ method: 'POST', path: '/count?id=slow', body });
      exchange.send(exchange.wire.headBytes);
      await trial.service.entered('slow');
      trial.signal();
      await trial.service.state('lame-duck');
      const sent = byteByByte(connection, exchange);
      trial.equal((await exchange.answer()).body, String(body.length), 'bytes that the service counted');
      await sent;
    },
    outcome: { requests: { inFlightAtStart: 1, served: 1 }, connections: { told: 1, forced: 0 } },
  },
];
