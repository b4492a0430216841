import { parseArgs } from 'node:util';
import { type Adapter, adapters } from './harness/adapters.js';
import { play } from './harness/trial.js';
import type { Scenario } from './scenarios/scenario.js';

/*
 * How long a process stays after there was nothing left to do, measured from
 * outside: from what its client, or the harness, saw last, to the end of the
 * process. Prints a table. Run it while nothing else runs.
 *
 *   node dist/lag.js [--runs 20] [--json]
 */

const wants = { drain: { delayMs: 50 } };

/** What the last work was, and a scenario that ends with it. */
const lasts: Readonly<Record<string, Scenario>> = {
  'last answer': {
    name: 'a request that is answered in the drain',
    wants,
    async run(trial) {
      const connection = await trial.connect();
      const exchange = connection.send({ path: '/hold?id=held' });
      await trial.service.entered('held');
      trial.signal();
      await trial.service.state('draining');
      trial.service.release('held');
      await exchange.answer();
    },
  },
  'last hook': {
    name: 'a hook that ends in the closing',
    wants: { ...wants, hooks: [{ name: 'pool', does: 'waits' }] },
    async run(trial) {
      trial.signal();
      await trial.service.hook('pool', 'begin');
      trial.service.release('pool');
    },
    outcome: { hooks: { pool: 'ok' } },
  },
  'lame-duck': {
    name: 'nothing to do but the lame-duck',
    wants,
    async run(trial) {
      trial.signal();
    },
  },
};

interface Row {
  readonly adapter: string;
  readonly after: string;
  readonly runs: number;
  readonly medianMs: number;
  readonly maxMs: number;
}

async function measure(adapter: Adapter, after: string, scenario: Scenario, runs: number): Promise<Row> {
  const lags: number[] = [];
  for (let run = 0; run < runs; run++) {
    const { lagMs, violations } = await play(adapter, scenario);
    if (lagMs === undefined || violations.length > 0) {
      throw new Error(`${adapter.name}, ${scenario.name}: ${violations.join('; ')}`);
    }
    lags.push(lagMs);
  }
  const sorted = lags.toSorted((one, other) => one - other);
  const median = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  return {
    adapter: adapter.name,
    after,
    runs,
    medianMs: rounded(median),
    maxMs: rounded(sorted.at(-1) ?? NaN),
  };
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '20' }, json: { type: 'boolean', default: false } },
});
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1)
  throw new TypeError(`Expected --runs to be a number from 1 on, got ${values.runs}`);

const rows: Row[] = [];
for (const adapter of Object.values(adapters)) {
  for (const [after, scenario] of Object.entries(lasts))
    rows.push(await measure(adapter, after, scenario, runs));
}
const result = {
  node: process.env['GRACEFUL_TEST_NODE'] ?? process.version,
  platform: process.platform,
  rows,
};
if (values.json) console.log(JSON.stringify(result, null, 2));
else {
  console.log(`From the end of the last work to the exit, in ms (${result.node}, ${runs} runs each):`);
  console.table(rows.map(({ runs: _runs, ...row }) => row));
}
