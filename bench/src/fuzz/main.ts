import { parseArgs } from 'node:util';
import { keepResults } from '../report/results.js';
import { versionsOf } from '../report/versions.js';
import { planOf, protocolOf } from './plan.js';
import { protocols } from './protocols.js';
import { fuzzSections } from './report.js';
import { type Played, run } from './run.js';

/*
 * SIGTERM at a random instant, under a load of all kinds of clients, again and
 * again. Seeds count up from the first; `--seed N --runs 1` plays one again.
 *
 *   node bench/dist/fuzz/main.js [--runs 500] [--seed N] [--parallel 2] [--protocol NAME] [--dry]
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '500' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1_000)) },
    parallel: { type: 'string', default: '2' },
    /** Of its runs only; the others' seeds are passed over. */
    protocol: { type: 'string' },
    /** Print, and leave the kept results as they are. */
    dry: { type: 'boolean', default: false },
  },
});
const [runs, seed, parallel] = [values.runs, values.seed, values.parallel].map((value) => {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new TypeError(`Expected a whole number from 0 on, got ${value}`);
}) as [number, number, number];

if (values.protocol !== undefined && !protocols.some(({ name }) => name === values.protocol)) {
  throw new TypeError(
    `Expected one of ${protocols.map(({ name }) => name).join('; ')}, got ${values.protocol}`,
  );
}

/**
 * A client trusts an idle connection for 80 ms, and no service here lets one go
 * before 150; the longest request takes a quarter of a second, and has 800 ms.
 * Who had to wait for longer than this for a processor, at once or in all, was
 * kept from that by the machine and not by the service.
 */
const stall = { onceMs: 60, inAllMs: 250 };
/** A machine that stalls all the time measures nothing. */
const most = runs * 2;

const startedAt = performance.now();
const done: Played[] = [];
const stalled: Played[] = [];
let taken = 0;
let nextSeed = seed;

function takeSeed(): number {
  taken++;
  while (values.protocol !== undefined && protocolOf(nextSeed).name !== values.protocol) nextSeed++;
  return nextSeed++;
}

async function work(): Promise<void> {
  while (taken < most && taken - stalled.length < runs) {
    const played = await run(planOf(takeSeed()));
    const failed = played.violations.length > 0;
    (failed && hasStalled(played) ? stalled : done).push(played);
    if (failed) process.stderr.write(failure(played));
    if (done.length % 50 === 0) process.stderr.write(`fuzz: ${done.length} of ${runs}\n`);
  }
}

function hasStalled({ stalledMs, waitedMs }: Played): boolean {
  return stalledMs > stall.onceMs || waitedMs > stall.inAllMs;
}

function failure(played: Played): string {
  const { plan, violations, narrative, stalledMs, waitedMs } = played;
  const waits = `${stalledMs.toFixed(0)} ms at once, ${waitedMs.toFixed(0)} ms in all`;
  const note = hasStalled(played) ? ', not judged' : '';
  return `\nFAILED, seed ${plan.seed} (waited for the machine: ${waits}${note})\n${violations.join('\n')}\n${narrative}\n`;
}

process.stderr.write(`fuzz: ${runs} runs from seed ${seed} on\n`);
await Promise.all(Array.from({ length: Math.max(1, parallel) }, work));

const seconds = (performance.now() - startedAt) / 1_000;
const sections = fuzzSections(done, { seed, parallel, seconds, stall, stalled: stalled.length });
const failed = done.filter(({ violations }) => violations.length > 0);
if (values.dry) process.stdout.write(`${sections.join('\n\n')}\n`);
else await keepResults('fuzz', 'SIGTERM at random instants', await versionsOf(['@graceful/core']), sections);
const seeds = failed.map(({ plan }) => `, seed ${plan.seed}`).join('');
process.stderr.write(
  `fuzz: ${failed.length} of ${done.length} failed${seeds}; ${stalled.length} not judged\n`,
);
process.exitCode = failed.length > 0 || done.length < runs ? 1 : 0;
