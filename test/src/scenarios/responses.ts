import { headForms } from '../services/routes.js';
import { roomy, type Scenario } from './scenario.js';

/** More than any kernel holds for a connection. */
const bigBytes = 30_000_000;
/** Less than that. */
const bufferedBytes = 500_000;

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
    // Over TLS a busy machine needs seconds for it.
    wants: { drain: { ...roomy.drain, requestsMs: 15_000 } },
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
      // Its head had gone out before the signal: it was not told, and is let go. Whether it may ask once more
      // depends on how slowly it reads what the kernel holds.
      await early.closed;
    },
    outcome: { requests: { inFlightAtStart: 1, served: 2 }, connections: { told: 1, idle: 1, client: 0 } },
  },
  {
    name: 'leaves an answer to the kernel that fits into its buffers, and exits before it is read',
    async run(trial) {
      const connection = await trial.connect();
      trial.signal();
      await trial.service.state('draining');
      connection.pause();
      const exchange = connection.send({ path: `/big?bytes=${bufferedBytes}&id=kernel` });
      await trial.service.finished('kernel');
      await trial.service.exit();
      connection.resume();
      trial.equal((await exchange.answer()).bodyBytes, bufferedBytes, 'bytes of the body');
    },
    outcome: { requests: { served: 1 }, connections: { told: 1 }, drainMs: [0, 3_000] },
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
    name: 'says Connection: close in every form of a head, also over a Connection: keep-alive of the program',
    wants: roomy,
    async run(trial) {
      const silent = await Promise.all(headForms.map(() => trial.connect()));
      trial.signal();
      await trial.service.state('lame-duck');
      await Promise.all(
        headForms.map(async (form) => (await trial.connect()).ask({ path: `/head?form=${form}` })),
      );
      await trial.service.state('draining');
      await Promise.all(
        silent.map((connection, index) => connection.ask({ path: `/head?form=${headForms[index]}` })),
      );
      for (const { wire, response } of trial.clients.exchanges) {
        trial.equal(
          response?.headers.get('connection'),
          'close',
          `Connection after ${wire.bytes.toString().slice(0, 30)}`,
        );
        trial.equal(response?.body, 'head', 'the body');
      }
    },
    outcome: { requests: { served: 2 * headForms.length }, connections: { told: 2 * headForms.length } },
  },
  {
    name: 'says Connection: close in answers without a body, and to HEAD',
    wants: roomy,
    async run(trial) {
      const [empty, head, late] = [await trial.connect(), await trial.connect(), await trial.connect()];
      trial.signal();
      await trial.service.state('lame-duck');
      trial.equal((await empty.ask({ path: '/empty' })).status, 204, 'status');
      trial.equal((await head.ask({ method: 'HEAD', path: '/' })).status, 200, 'status');
      await trial.service.state('draining');
      trial.equal((await late.ask({ method: 'HEAD', path: '/empty' })).status, 204, 'status');
    },
    outcome: { requests: { servedInLameDuck: 2, served: 3 }, connections: { told: 3 } },
  },
  {
    name: 'gives up a reader that never reads, at the end of the budget',
    wants: { drain: { requestsMs: 700, idleMs: 300 } },
    async run(trial) {
      const connection = await trial.connect();
      connection.pause();
      connection.send({ path: `/big?bytes=${bigBytes}&id=unread`, doomed: true });
      await trial.service.entered('unread');
      trial.signal();
      await trial.service.state('closing');
      connection.resume();
      await connection.closed;
    },
    outcome: {
      exitCode: 1,
      verdict: 'forced',
      requests: { inFlightAtStart: 1, served: 0, dropped: 1 },
      connections: { forced: 1 },
      drainMs: [600, 1_700],
    },
  },
  {
    name: 'does not count as served an answer whose client left in the middle',
    async run(trial) {
      const connection = await trial.connect();
      connection.pause();
      connection.send({ path: `/big?bytes=${bigBytes}&id=left` });
      await trial.service.entered('left');
      trial.signal();
      await trial.service.state('draining');
      connection.destroy();
    },
    outcome: {
      requests: { inFlightAtStart: 1, served: 0, dropped: 0 },
      connections: { client: 1, told: 0, idle: 0 },
      drainMs: [0, 1_500],
    },
  },
  {
    name: 'is not confused by a program that cuts its own clients off',
    wants: roomy,
    async run(trial) {
      const [before, during, after] = [await trial.connect(), await trial.connect(), await trial.connect()];
      before.send({ path: '/drop', doomed: true });
      await before.closed;
      trial.signal();
      await trial.service.state('lame-duck');
      during.send({ path: '/drop', doomed: true });
      await during.closed;
      await trial.service.state('draining');
      after.send({ path: '/drop', doomed: true });
      await after.closed;
    },
    outcome: { requests: { served: 0, dropped: 0 } },
  },
  {
    name: 'counts and ends errors like every other answer',
    wants: roomy,
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
