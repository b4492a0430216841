import type { Scenario } from './scenario.js';

const bigBytes = 30_000_000;

export const responses: readonly Scenario[] = [
  {
    name: 'finishes long requests',
    async run(trial) {
      const [early, late] = [await trial.connect(), await trial.connect()];
      const [first, second] = [early.send({ path: '/hold?id=early' }), late.send({ path: '/hold?id=late' })];
      await Promise.all([trial.service.entered('early'), trial.service.entered('late')]);
      trial.signal();
      await trial.service.state('lame-duck');
      trial.service.release('early');
      trial.check((await first.answer()).saysClose, 'the early answer did not say Connection: close');
      await trial.service.state('draining');
      trial.service.release('late');
      trial.check((await second.answer()).saysClose, 'the late answer did not say Connection: close');
    },
    outcome: {
      requests: { inFlightAtStart: 2, served: 2, servedInLameDuck: 0 },
      connections: { told: 2, idle: 0, client: 0 },
    },
  },
  {
    name: 'sends the whole of a large body to a slow reader',
    async run(trial) {
      const [early, late] = [await trial.connect(), await trial.connect()];
      // Asked, and not read: the kernel holds some of the answer, the process the rest.
      early.pause();
      const untold = early.send({ path: `/big?bytes=${bigBytes}&id=early` });
      await trial.service.entered('early');
      trial.signal();
      await trial.service.state('lame-duck');
      late.pause();
      const told = late.send({ path: `/big?bytes=${bigBytes}&id=late` });
      await trial.service.entered('late');
      await trial.service.state('draining');
      early.resume();
      late.resume();
      trial.equal((await told.answer()).bodyBytes, bigBytes, 'bytes of the body asked for in the lame-duck');
      trial.equal(
        (await untold.answer()).bodyBytes,
        bigBytes,
        'bytes of the body asked for before the signal',
      );
      // Its headers had gone out before the signal, so it may ask again; and then it is told.
      if (early.usable) await early.ask({ path: '/' });
    },
    outcome: { requests: { inFlightAtStart: 1 }, connections: { told: 2, idle: 0, client: 0 } },
  },
  {
    name: 'finishes a chunked response whose headers were sent before the signal, and serves what comes next',
    async run(trial) {
      const connection = await trial.connect();
      const exchange = connection.send({ path: '/chunked?id=parts' });
      await trial.service.entered('parts');
      trial.signal();
      await trial.service.state('draining');
      trial.service.release('parts');
      const response = await exchange.answer();
      trial.equal(response.body, 'first part, second part, last part', 'the body');
      // It was not told, so it may ask again; and then it is.
      if (connection.usable) await connection.ask({ path: '/' });
      trial.check(connection.told, 'the client was never told');
    },
    outcome: { requests: { inFlightAtStart: 1 }, connections: { told: 1, idle: 0, forced: 0 } },
  },
  {
    name: 'lets go of a client that could not be told, once its promise has run out',
    wants: { drain: { idleMs: 500 } },
    async run(trial) {
      const connection = await trial.connect();
      const exchange = connection.send({ path: '/chunked?id=parts' });
      await trial.service.entered('parts');
      trial.signal();
      await trial.service.state('lame-duck');
      trial.service.release('parts');
      await exchange.answer();
      await connection.closed;
    },
    outcome: { requests: { inFlightAtStart: 1, served: 1 }, drainMs: [0, 1_200] },
  },
  {
    name: 'counts and ends errors like every other answer',
    async run(trial) {
      const connections = await Promise.all([trial.connect(), trial.connect(), trial.connect()]);
      trial.signal();
      await trial.service.state('lame-duck');
      const [nowhere, thrown, gone] = connections.map((connection, index) => {
        return connection.ask({ path: ['/nowhere', '/throws', '/'][index] ?? '/' });
      });
      trial.equal((await nowhere)?.status, 404, 'status of an unknown path');
      trial.equal((await thrown)?.status, 500, 'status of a handler that throws');
      trial.equal((await gone)?.status, 200, 'status of the root');
    },
    outcome: { requests: { servedInLameDuck: 3, served: 3 }, connections: { told: 3 } },
  },
];
