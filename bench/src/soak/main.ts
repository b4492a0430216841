import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { versionsOf } from '../report/versions.js';
import { keepResults } from '../report/results.js';
import { table } from '../report/table.js';
import { Burner } from './burner.js';
import { type Batch, readLedger, writeLedger } from './ledger.js';
import { runSuite } from './suite.js';

/*
 * The process suite, again and again: on each Node that is named, with the
 * other core at rest and with it busy. A test that fails once has failed.
 * What is run is added to what was run before; `--afresh` forgets that.
 *
 *   node bench/dist/soak/main.js [--runs 20] [--node PATH]… [--load rest|busy|both] [--files PART]… [--afresh]
 */
const { values } = parseArgs({
  options: {
    /** Runs of each combination. */
    runs: { type: 'string', default: '20' },
    /** Path of a Node to run the services on; several times for several. This one, where none is named. */
    node: { type: 'string', multiple: true, default: [process.execPath] },
    load: { type: 'string', default: 'both' },
    /** Parts of the names of test files. */
    files: { type: 'string', multiple: true, default: ['test/scenarios', 'test/http2', 'test/websocket'] },
    afresh: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new TypeError(`Expected --runs from 1 on, got ${values.runs}`);
const loads = { rest: [false], busy: [true], both: [false, true] }[values.load];
if (!loads) throw new TypeError(`Expected --load rest, busy or both, got ${values.load}`);

const versions = await versionsOf(['@graceful/core']);
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
const before = values.afresh ? [] : await readLedger();
const batches: Batch[] = [];

/** After each run: a soak that is ended early keeps what it has seen. */
async function keep(latest?: Batch): Promise<void> {
  const all = [...before, ...batches, ...(latest ? [latest] : [])];
  await writeLedger(all);
  await keepResults('soak', 'The process suite, again and again', versions, [
    'Every scenario with every adapter, protocol by protocol, by real processes and raw clients that never retry. A run passes when nothing was lost in it, and every report agrees with the books of the clients.',
    'A line is what was run in one go, one run after the other. "Busy": a loop keeps the other core from resting. What failed is named, whatever the cause.',
    table(
      [
        'date',
        'commit',
        'services on Node',
        'the other core',
        'runs',
        'scenarios in a run',
        'minutes',
        'failed',
      ],
      all.map((batch) => [
        batch.date,
        batch.commit,
        batch.version,
        batch.busy ? 'busy' : 'at rest',
        String(batch.runs),
        String(batch.scenarios),
        batch.minutes.toFixed(0),
        batch.failed.length === 0 ? '0' : `${batch.failed.length}: ${[...new Set(batch.failed)].join('; ')}`,
      ]),
    ),
    `In all ${all.reduce((sum, each) => sum + each.runs, 0)} runs, ${all.reduce((sum, each) => sum + each.failed.length, 0)} failures.`,
  ]);
}

for (const node of values.node) {
  for (const busy of loads) {
    using _burner = busy ? new Burner() : undefined;
    const begunAt = Date.now();
    let batch: Batch | undefined;
    for (let run = 1; run <= runs; run++) {
      const result = await runSuite(node, values.files);
      process.stderr.write(
        `soak: ${result.version}${busy ? ', busy' : ''}, run ${run}: ${result.passed} passed, ${result.failed.length} failed\n`,
      );
      // At once and in whole: it may never happen again.
      for (const { name, why } of result.failed) process.stderr.write(`FAILED ${name}\n${why}\n`);
      batch = {
        date: new Date().toISOString().slice(0, 10),
        commit,
        version: result.version,
        busy,
        runs: run,
        scenarios: result.passed + result.failed.length,
        minutes: (Date.now() - begunAt) / 60_000,
        files: values.files,
        failed: [...(batch?.failed ?? []), ...result.failed.map(({ name }) => name)],
      };
      await keep(batch);
    }
    if (batch) batches.push(batch);
  }
}

if (batches.some(({ failed }) => failed.length > 0)) process.exitCode = 1;
