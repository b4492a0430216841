import { setTimeout as pause } from 'node:timers/promises';
import type { Connection, Exchange } from '@graceful/conformance/client';
import type { Trial } from '../harness/trial.js';
import type { Scenario } from './scenario.js';

/** A request of which the end of the head is still missing. */
function half(connection: Connection): Exchange {
  const exchange = connection.draft({ path: '/', headers: { 'X-Padding': 'x'.repeat(40) } });
  return exchange.send(exchange.wire.headBytes - 20);
}

/** Half a request on a connection without a past, and on one that was used before. */
async function twoHalves(trial: Trial): Promise<[Exchange, Exchange]> {
  const [fresh, used] = [await trial.connect(), await trial.connect()];
  await used.ask({ path: '/' });
  return [half(fresh), half(used)];
}

export const halfSent: readonly Scenario[] = [
  {
    name: 'serves a request that was half sent at the signal and is completed before the listener closes',
    async run(trial) {
      const halves = await twoHalves(trial);
      trial.signal();
      await trial.service.state('lame-duck');
      for (const exchange of halves) trial.equal((await exchange.send().answer()).status, 200, 'status');
    },
    outcome: { requests: { served: 2 }, connections: { told: 2, forced: 0 } },
  },
  {
    name: 'serves a request that was half sent at the signal and is completed after the listener closed',
    // Nothing but the half that came may keep these connections.
    wants: { drain: { idleMs: 0 } },
    async run(trial) {
      const halves = await twoHalves(trial);
      trial.signal();
      await trial.service.state('draining');
      for (const exchange of halves) trial.equal((await exchange.send().answer()).status, 200, 'status');
    },
    outcome: { requests: { served: 2 }, connections: { told: 2, forced: 0 } },
  },
  {
    name: 'is not held for more than 2 s by requests that stay half sent',
    wants: { drain: { idleMs: 300 } },
    async run(trial) {
      await twoHalves(trial);
      trial.signal();
      await Promise.all(trial.clients.connections.map(({ closed }) => closed));
    },
    outcome: { requests: { served: 0, dropped: 0 }, connections: { forced: 2 }, drainMs: [1_700, 3_000] },
  },
  {
    name: 'is not held for longer by a request that comes byte by byte',
    wants: { drain: { idleMs: 300 } },
    async run(trial) {
      const connection = await trial.connect();
      const exchange = connection.draft({ path: '/', headers: { 'X-Padding': 'x'.repeat(4_000) } });
      trial.signal();
      while (connection.usable) {
        exchange.send(1);
        await pause(20);
      }
    },
    outcome: { requests: { served: 0, dropped: 0 }, connections: { forced: 1 }, drainMs: [0, 3_000] },
  },
];
