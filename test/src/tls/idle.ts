import type { Scenario } from '../scenarios/scenario.js';

function range(count: number): number[] {
  return Array.from({ length: count }, (_none, index) => index);
}

const active = 12;
const idle = 40;

export const idleAndActive: readonly Scenario[] = [
  {
    name: 'cuts none of the requests in flight while it ends many idle connections',
    wants: { drain: { idleMs: 300 } },
    async run(trial) {
      const { service } = trial;
      const [busy, used, silent] = await Promise.all(
        [active, idle, idle].map((count) => Promise.all(range(count).map(() => trial.connect()))),
      );
      if (!busy || !used || !silent) throw new Error('Expected three groups of connections.');
      await Promise.all(used.map((connection) => connection.ask({ path: '/' })));
      // Half of them wait for their answer, half are in the middle of one.
      const exchanges = busy.map((connection, index) => {
        return connection.send({ path: `/${index % 2 === 0 ? 'hold' : 'chunked'}?id=${index}` });
      });
      await Promise.all(range(active).map((index) => service.entered(String(index))));
      trial.signal();
      await service.state('draining');
      // Whoever takes the socket under a TLS connection for one more, that is idle, has cut it by then.
      await Promise.all([...used, ...silent].map(({ closed }) => closed));
      for (const index of range(active)) service.release(String(index));
      for (const exchange of exchanges) trial.equal((await exchange.answer()).status, 200, 'status');
    },
    outcome: { requests: { inFlightAtStart: active }, connections: { client: 0, forced: 0 } },
  },
];
