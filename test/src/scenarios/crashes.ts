import type { Trial } from '../harness/trial.js';
import { roomy, type Scenario } from './scenario.js';

async function holdCrashRelease(trial: Trial, how: 'throw' | 'reject'): Promise<void> {
  const connection = await trial.connect();
  const exchange = connection.send({ path: '/hold?id=held' });
  await trial.service.entered('held');
  trial.crash(how);
  await trial.service.state('lame-duck');
  const other = await trial.connect();
  await other.ask({ path: '/' });
  await trial.service.state('draining');
  trial.service.release('held');
  await exchange.answer();
}

const failed = {
  exitCode: 1,
  verdict: 'failed',
  requests: { inFlightAtStart: 1, served: 2, dropped: 0 },
  connections: { told: 2 },
  hooks: { pool: 'ok' },
  errors: ['E_BOOM boom'],
} as const;

export const crashes: readonly Scenario[] = [
  {
    name: 'leaves in order after an uncaught exception, and exits 1',
    wants: { ...roomy, hooks: [{ name: 'pool', does: 'ends' }] },
    run: (trial) => holdCrashRelease(trial, 'throw'),
    outcome: { ...failed, reason: 'uncaughtException' },
  },
  {
    name: 'leaves in order after an unhandled rejection, and exits 1',
    wants: { ...roomy, hooks: [{ name: 'pool', does: 'ends' }] },
    run: (trial) => holdCrashRelease(trial, 'reject'),
    outcome: { ...failed, reason: 'unhandledRejection' },
  },
  {
    name: 'reports what is thrown while it leaves, and leaves all the same',
    wants: { hooks: [{ name: 'pool', does: 'ends' }] },
    async run(trial) {
      const connection = await trial.connect();
      const exchange = connection.send({ path: '/hold?id=held' });
      await trial.service.entered('held');
      trial.signal();
      await trial.service.state('draining');
      trial.crash('throw');
      // The service obeys one command after the other: the crash has come before the release.
      trial.service.release('held');
      await exchange.answer();
    },
    outcome: { ...failed, requests: { inFlightAtStart: 1, served: 1 }, connections: { told: 1 } },
  },
];
