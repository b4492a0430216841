import type { Address, RawRequest, RawResponse } from '@graceful/conformance/client';
import type { Trial } from '../harness/trial.js';
import { expectRefused } from './refused.js';
import { roomy, type Scenario } from './scenario.js';

/** Ask on a connection of its own, as a kubelet does. */
async function probe(trial: Trial, address: Address, request: RawRequest): Promise<RawResponse> {
  const connection = await trial.observers.connect(address);
  const response = await connection.ask({ probe: true, ...request });
  connection.close();
  return response;
}

/** The row of the design's table for the state in which the service is. */
async function expectProbes(
  trial: Trial,
  address: Address,
  state: string,
  expected: readonly [live: number, ready: number, started: number],
): Promise<void> {
  const answers = await Promise.all(
    ['/healthz', '/readyz', '/startupz'].map((path) => probe(trial, address, { path })),
  );
  const statuses = answers.map(({ status }) => status);
  trial.equal(statuses, expected, `/healthz, /readyz, /startupz in the state ${state}`);
  for (const { headers, body } of answers) {
    trial.equal(headers.get('cache-control'), 'no-store', `Cache-Control in the state ${state}`);
    trial.check(headers.get('content-type')?.startsWith('application/json') ?? false, `not JSON: ${body}`);
    trial.equal((JSON.parse(body) as { state?: string }).state, state, 'the state in the body');
  }
}

const states = {
  starting: [200, 503, 503],
  ready: [200, 200, 200],
  leaving: [200, 503, 200],
} as const;

/** Walk the service through its states, and hold it in each until `look` has looked. */
async function throughEveryState(trial: Trial, address: Address, look: typeof expectProbes): Promise<void> {
  const { service } = trial;
  const app = service.address();
  await look(trial, address, 'starting', states.starting);
  service.tell({ type: 'ready' });
  await service.state('ready');
  await look(trial, address, 'ready', states.ready);
  const connection = await trial.connect();
  const exchange = connection.send({ path: '/hold?id=held' });
  await service.entered('held');
  trial.signal();
  await service.state('lame-duck');
  await look(trial, address, 'lame-duck', states.leaving);
  await service.state('draining');
  await expectRefused(trial, app);
  await look(trial, address, 'draining', states.leaving);
  service.release('held');
  await exchange.answer();
  await service.hook('pool', 'begin');
  await look(trial, address, 'closing', states.leaving);
  service.release('pool');
  await service.hook('log', 'begin');
  await expectRefused(trial, app);
  await look(trial, address, 'closing', states.leaving);
  service.release('log');
}

const held = {
  ...roomy,
  heldBack: true,
  hooks: [
    { name: 'pool', does: 'waits' },
    { name: 'log', phase: 'flush', does: 'waits' },
  ],
} as const;

const outcome = { requests: { served: 1, inFlightAtStart: 1 }, hooks: { pool: 'ok', log: 'ok' } } as const;

export const probes: readonly Scenario[] = [
  {
    name: 'answers the probes as the table says, on the port of the app until it closes',
    wants: held,
    run: (trial) =>
      throughEveryState(trial, trial.service.address(), async (...args) => {
        const [, address, state] = args;
        if (state === 'draining' || state === 'closing') await expectRefused(trial, address);
        else await expectProbes(...args);
      }),
    outcome: { hooks: outcome.hooks },
  },
  {
    name: 'answers the probes as the table says, on a port of their own until the very end',
    wants: { ...held, probePort: 0 },
    run: (trial) => throughEveryState(trial, probeAddress(trial), expectProbes),
    outcome,
  },
  {
    name: 'understands HEAD and query strings on probes, and leaves similar paths to the app',
    wants: roomy,
    async run(trial) {
      const app = trial.service.address();
      const status = async (request: RawRequest) => (await probe(trial, app, request)).status;
      trial.equal(await status({ path: '/readyz?verbose=1' }), 200, 'readiness with a query');
      trial.equal(await status({ path: '/healthz?' }), 200, 'liveness with an empty query');
      const head = await probe(trial, app, { method: 'HEAD', path: '/readyz?x=1' });
      trial.equal([head.status, head.bodyBytes], [200, 0], 'HEAD');
      trial.check(head.headers.has('content-length'), 'HEAD says no length');
      trial.equal(await status({ path: '/healthzz' }), 404, 'a longer path');
      trial.equal(await status({ path: '/healthz/x' }), 404, 'a deeper path');
      trial.equal(await status({ path: '/readyz', method: 'POST' }), 404, 'POST');
      trial.signal();
      await trial.service.state('lame-duck');
      const leaving = await probe(trial, app, { method: 'HEAD', path: '/readyz' });
      trial.equal([leaving.status, leaving.bodyBytes], [503, 0], 'HEAD in the lame-duck');
    },
  },
  {
    name: 'answers 503 and the name of a check that hangs, throws or rejects with undefined',
    wants: {
      checks: [
        { name: 'hanging', does: 'hangs' },
        { name: 'throwing', does: 'throws' },
        { name: 'undefined', does: 'rejects-undefined' },
        { name: 'passing', does: 'passes' },
      ],
    },
    async run(trial) {
      const app = trial.service.address();
      const [live, ready] = await Promise.all([
        probe(trial, app, { path: '/healthz' }),
        probe(trial, app, { path: '/readyz' }),
      ]);
      trial.equal([live.status, ready.status], [200, 503], 'liveness and readiness');
      const { checks = {} } = JSON.parse(ready.body) as { checks?: Record<string, { status: string }> };
      const found = Object.entries(checks).map(([name, { status }]) => `${name} ${status}`);
      const expected = ['hanging fail', 'throwing fail', 'undefined fail', 'passing pass'];
      trial.equal(found.toSorted(), expected.toSorted(), 'the checks in the body');
      trial.check(!/hunter2|secret|\bat .*:\d+/.test(ready.body), `tells too much: ${ready.body}`);
      // Work is served all the same: what is not ready is not down.
      const connection = await trial.connect();
      await connection.ask({ path: '/' });
      connection.close();
      trial.signal();
    },
    outcome: { requests: { served: 0, inFlightAtStart: 0 } },
  },
];

function probeAddress({ config }: Trial): Address {
  return { host: '127.0.0.1', port: config.probePort ?? 0, tls: false };
}
