import type { Notice } from '../harness/protocol.js';
import type { Trial } from '../harness/trial.js';
import type { Scenario } from './scenario.js';

async function holdSignalRelease(trial: Trial): Promise<void> {
  const connection = await trial.connect();
  const exchange = connection.send({ path: '/hold?id=held' });
  await trial.service.entered('held');
  trial.signal();
  await trial.service.state('draining');
  trial.service.release('held');
  await exchange.answer();
}

/** What the service did, in order: `begin consumer`, `state draining`, … */
function steps(trial: Trial): string[] {
  return trial.service.notices.all.flatMap(({ notice }: { notice: Notice }) => {
    if (notice.type === 'hook') return `${notice.at} ${notice.name}`;
    if (notice.type === 'state') return `state ${notice.state}`;
    return notice.type === 'finished' ? `answered ${notice.id}` : [];
  });
}

/** Each of `expected` is followed by the next, with whatever in between. */
function inOrder(trial: Trial, expected: readonly string[]): void {
  const seen = steps(trial).filter((step) => expected.includes(step));
  trial.equal(seen, expected, 'the order of events');
}

export const hooks: readonly Scenario[] = [
  {
    name: 'runs hooks phase by phase, and each after those that it names',
    wants: {
      hooks: [
        { name: 'log', phase: 'flush', does: 'ends' },
        { name: 'pool', does: 'ends', after: ['cache', 'mailer'] },
        { name: 'mailer', does: 'ends', after: ['cache'] },
        { name: 'cache', does: 'ends' },
        { name: 'alone', does: 'waits' },
        { name: 'consumer', phase: 'drain', does: 'ends' },
      ],
    },
    async run(trial) {
      await holdSignalRelease(trial);
      // Without an order between them hooks run side by side.
      await trial.service.hook('pool', 'end');
      await trial.service.hook('alone', 'begin');
      trial.service.release('alone');
      await trial.service.state('stopped');
      inOrder(trial, [
        'state lame-duck',
        'begin consumer',
        'state draining',
        'answered held',
        'state closing',
      ]);
      inOrder(trial, [
        'state closing',
        'begin cache',
        'end cache',
        'begin mailer',
        'end mailer',
        'begin pool',
      ]);
      inOrder(trial, ['begin pool', 'end pool', 'end alone', 'begin log', 'end log', 'state stopped']);
    },
    outcome: {
      requests: { served: 1 },
      hooks: { log: 'ok', pool: 'ok', mailer: 'ok', cache: 'ok', alone: 'ok', consumer: 'ok' },
    },
  },
  {
    name: 'waits for a drain hook as it does for requests',
    wants: { hooks: [{ name: 'consumer', phase: 'drain', does: 'waits' }] },
    async run(trial) {
      trial.signal();
      await trial.service.hook('consumer', 'begin');
      await trial.service.state('draining');
      trial.service.release('consumer');
      await trial.service.state('stopped');
      inOrder(trial, ['begin consumer', 'state draining', 'end consumer', 'state closing']);
    },
    outcome: { hooks: { consumer: 'ok' } },
  },
  {
    name: 'gives up a hook that hangs, runs the others, and exits 1',
    wants: {
      hooks: [
        { name: 'pool', does: 'hangs', timeoutMs: 200 },
        { name: 'cache', does: 'ends' },
        { name: 'metrics', does: 'ends', after: ['pool'] },
        { name: 'log', phase: 'flush', does: 'ends' },
      ],
    },
    run: holdSignalRelease,
    outcome: {
      exitCode: 1,
      verdict: 'failed',
      hooks: { pool: 'timed-out', cache: 'ok', metrics: 'ok', log: 'ok' },
    },
  },
  {
    name: 'gives up a hook that hangs at the end of the budget of all hooks, and flushes the log even then',
    wants: {
      // A fifth of it is kept for the flush, which a busy machine needs.
      drain: { hooksMs: 2_500 },
      hooks: [
        { name: 'pool', does: 'hangs' },
        { name: 'log', phase: 'flush', does: 'ends' },
      ],
    },
    run: holdSignalRelease,
    outcome: { exitCode: 1, verdict: 'failed', hooks: { pool: 'timed-out', log: 'ok' } },
  },
  {
    name: 'reports hooks that throw or reject with anything, runs the others, and exits 1',
    wants: {
      hooks: [
        { name: 'thrower', does: 'throws' },
        { name: 'nobody', does: 'rejects-undefined' },
        { name: 'cache', does: 'ends', after: ['thrower', 'nobody'] },
        { name: 'log', phase: 'flush', does: 'ends' },
      ],
    },
    run: holdSignalRelease,
    outcome: {
      exitCode: 1,
      verdict: 'failed',
      hooks: { thrower: 'failed', nobody: 'failed', cache: 'ok', log: 'ok' },
      errors: ['thrower throws', 'undefined'],
    },
  },
  {
    name: 'answers everybody though the database is gone, and reports the pool that could not be closed',
    wants: {
      hooks: [
        { name: 'postgres', does: 'rejects' },
        { name: 'log', phase: 'flush', does: 'ends' },
      ],
    },
    run: holdSignalRelease,
    outcome: {
      exitCode: 1,
      verdict: 'failed',
      requests: { inFlightAtStart: 1, served: 1, dropped: 0 },
      hooks: { postgres: 'failed', log: 'ok' },
      errors: ['ECONNREFUSED Connection terminated unexpectedly'],
    },
  },
];
