import { parseArgs } from 'node:util';
import { versionsOf } from '../report/versions.js';
import { keepResults } from '../report/results.js';
import { table } from '../report/table.js';
import { Burner } from './burner.js';
import { runSuite, type SuiteResult } from './suite.js';

/**
 * The process suite, again and again: on each Node that is named, with the
 * other core at rest and with it busy. A test that fails once has failed.
 */
const { values } = parseArgs({
  options: {
    /** Runs of each combination. */
    runs: { type: 'string', default: '20' },
    /** Path of a Node to run the services on; several times for several. This one, where none is named. */
    node: { type: 'string', multiple: true, default: [process.execPath] },
    /** Parts of the names of test files. */
    files: { type: 'string', multiple: true, default: ['test/scenarios', 'test/http2', 'test/websocket'] },
  },
});

const versions = await versionsOf(['@graceful/core']);
const rows: string[][] = [];
let failures = 0;
const begunAt = Date.now();

/** After each combination: a soak that is ended early keeps what it has seen. */
async function keep(): Promise<void> {
  await keepResults('soak', 'The process suite, again and again', versions, [
    'Every scenario with every adapter, protocol by protocol, by real processes and raw clients that never retry. A run passes when nothing was lost in it, and every report agrees with the books of the clients.',
    table(['services on Node', 'the other core', 'runs', 'scenarios in a run', 'failed'], rows),
    `It took ${((Date.now() - begunAt) / 60_000).toFixed(0)} min. Files: ${values.files.join(', ')}.`,
  ]);
}

for (const node of values.node) {
  for (const busy of [false, true]) {
    using _burner = busy ? new Burner() : undefined;
    const results: SuiteResult[] = [];
    for (let run = 1; run <= Number(values.runs); run++) {
      const result = await runSuite(node, values.files);
      results.push(result);
      failures += result.failed.length;
      process.stderr.write(
        `soak: ${result.version}${busy ? ', busy' : ''}, run ${run}: ${result.passed} passed, ${result.failed.length} failed\n`,
      );
      // At once and in whole: it may never happen again.
      for (const { name, why } of result.failed) process.stderr.write(`FAILED ${name}\n${why}\n`);
    }
    const failed = results.flatMap((result) => result.failed.map(({ name }) => name));
    rows.push([
      results[0]?.version ?? '',
      busy ? 'busy' : 'at rest',
      String(results.length),
      String(results[0]?.passed ?? 0),
      failed.length === 0 ? '0' : `${failed.length}: ${[...new Set(failed)].join('; ')}`,
    ]);
    await keep();
  }
}

if (failures > 0) process.exitCode = 1;
