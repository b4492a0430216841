import type { Trial } from '../harness/trial.js';
import { expectRefused } from './refused.js';
import { roomy, type Scenario } from './scenario.js';

async function connectAndAsk(trial: Trial): Promise<void> {
  const connection = await trial.connect();
  await connection.ask({ path: '/' });
}

async function connectSignalAsk(trial: Trial): Promise<void> {
  const connection = await trial.connect();
  trial.signal();
  await trial.service.state('lame-duck');
  await connection.ask({ path: '/' });
}

export const endings: readonly Scenario[] = [
  {
    name: 'forces a request that never ends, counts it, and exits 1',
    wants: { drain: { requestsMs: 700 } },
    async run(trial) {
      const [endless, held] = [await trial.connect(), await trial.connect()];
      endless.send({ path: '/never?id=endless', doomed: true });
      const exchange = held.send({ path: '/hold?id=held' });
      await Promise.all([trial.service.entered('endless'), trial.service.entered('held')]);
      trial.signal();
      await trial.service.state('draining');
      trial.service.release('held');
      await exchange.answer();
    },
    outcome: {
      exitCode: 1,
      verdict: 'forced',
      requests: { inFlightAtStart: 2, served: 1, dropped: 1 },
      connections: { forced: 1, told: 1 },
      drainMs: [600, 1_700],
    },
  },
  {
    name: 'notes further signals, and changes nothing',
    // Signals closer together than 500 ms are one that was delivered twice.
    wants: roomy,
    async run(trial) {
      const { service } = trial;
      const connection = await trial.connect();
      const exchange = connection.send({ path: '/hold?id=held' });
      await service.entered('held');
      trial.signal();
      await service.state('lame-duck');
      trial.signal('SIGINT');
      await service.furtherSignal('SIGINT');
      await connectAndAsk(trial);
      await service.state('draining');
      trial.signal('SIGTERM');
      await service.furtherSignal('SIGTERM');
      service.release('held');
      await exchange.answer();
    },
    outcome: {
      requests: { inFlightAtStart: 1, served: 2, servedInLameDuck: 1 },
      connections: { told: 2 },
      furtherSignals: ['SIGINT', 'SIGTERM'],
    },
  },
  {
    name: 'takes a signal that is delivered twice for one',
    async run(trial) {
      const connection = await trial.connect();
      const exchange = connection.send({ path: '/hold?id=held' });
      await trial.service.entered('held');
      trial.signal();
      await trial.service.state('lame-duck');
      trial.signal();
      await trial.service.state('draining');
      trial.service.release('held');
      await exchange.answer();
    },
    outcome: { requests: { inFlightAtStart: 1, served: 1 }, connections: { told: 1 } },
  },
  {
    name: 'leaves in order when the signal comes before it listens',
    wants: { listensWhenTold: true, hooks: [{ name: 'pool', does: 'ends' }] },
    async run(trial) {
      trial.signal();
      await trial.service.state('lame-duck');
    },
    outcome: {
      hooks: { pool: 'ok' },
      requests: { inFlightAtStart: 0, served: 0 },
      connections: { told: 0, idle: 0, client: 0 },
    },
  },
  {
    name: 'refuses, when listen() comes after the signal, and leaves in order all the same',
    wants: { listensWhenTold: true, hooks: [{ name: 'pool', does: 'waits' }] },
    async run(trial) {
      const { service } = trial;
      trial.signal();
      await service.hook('pool', 'begin');
      service.tell({ type: 'listen' });
      // Some adapters throw, and some let the program listen and close it at once.
      if (await service.listens()) await expectRefused(trial, service.address());
      service.release('pool');
    },
    outcome: {
      hooks: { pool: 'ok' },
      requests: { served: 0, servedInLameDuck: 0 },
      // A client that knocks in the turn before the listener closes may be let in, and goes by itself.
      connections: { told: 0, idle: 0 },
    },
  },
  {
    name: 'leaves in order when the signal comes before it is ready',
    wants: { ...roomy, heldBack: true },
    async run(trial) {
      const connection = await trial.connect();
      const exchange = connection.send({ path: '/hold?id=held' });
      await trial.service.entered('held');
      trial.signal();
      await trial.service.state('lame-duck');
      await connectAndAsk(trial);
      await trial.service.state('draining');
      trial.service.release('held');
      await exchange.answer();
    },
    outcome: { requests: { inFlightAtStart: 1, served: 2 }, connections: { told: 2 } },
  },
  {
    name: 'does not wait for a client that never closes its side',
    async run(trial) {
      const connection = await trial.connect({ stubborn: true });
      const exchange = connection.send({ path: '/hold?id=held' });
      await trial.service.entered('held');
      trial.signal();
      await trial.service.state('draining');
      trial.service.release('held');
      await exchange.answer();
      await connection.closed;
    },
    outcome: { requests: { served: 1 }, connections: { told: 1, forced: 0 }, drainMs: [0, 3_000] },
  },
  {
    name: 'does not wait for a request whose client has gone',
    async run(trial) {
      const connection = await trial.connect();
      connection.send({ path: '/never?id=abandoned' });
      await trial.service.entered('abandoned');
      trial.signal();
      await trial.service.state('draining');
      connection.destroy();
    },
    outcome: { requests: { inFlightAtStart: 1, served: 0 }, connections: { client: 1 }, drainMs: [0, 1_000] },
  },
  {
    name: 'names a timer that still holds the event loop, and exits anyway',
    wants: { leaves: 'timer' },
    run: connectSignalAsk,
    outcome: { heldBy: /timer/i, connections: { told: 1 } },
  },
  {
    name: 'names a listener that still holds the event loop, and exits anyway',
    wants: { leaves: 'listener' },
    run: connectSignalAsk,
    outcome: { heldBy: /server|listen/i, connections: { told: 1 } },
  },
];
