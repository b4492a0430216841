import { parseArgs } from 'node:util';
import { keepResults } from '../report/results.js';
import { versionsOf } from '../report/versions.js';
import type { Outcome } from './outcome.js';
import { describePlan, planOf } from './plan.js';
import { play } from './play.js';
import { podSections } from './report.js';

/*
 * SIGKILL to any container of a pod at a random instant, again and again.
 * Seeds count up from the first; `--seed N --runs 1 --dry` plays one again.
 *
 *   node bench/dist/pods/main.js [--runs 200] [--seed N] [--parallel 3] [--dry] [--verbose]
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1_000)) },
    parallel: { type: 'string', default: '3' },
    /** Print, and leave the kept results as they are. */
    dry: { type: 'boolean', default: false },
    /** Tell the story of each run, and not only of those that fail. */
    verbose: { type: 'boolean', default: false },
  },
});
const [runs, seed, parallel] = [values.runs, values.seed, values.parallel].map((value) => {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new TypeError(`Expected a whole number from 0 on, got ${value}`);
}) as [number, number, number];

const startedAt = performance.now();
const outcomes: Outcome[] = [];
let begun = 0;

async function work(): Promise<void> {
  while (begun < runs) {
    const plan = planOf(seed + begun++);
    const outcome = await play(plan);
    outcomes.push(outcome);
    const { violations, story } = outcome;
    if (violations.length > 0 || values.verbose) {
      const what = violations.length > 0 ? 'FAILED, ' : '';
      process.stderr.write(`\n${what}${describePlan(plan)}\n${violations.join('\n')}\n${story}\n`);
    }
    if (outcomes.length % 20 === 0) process.stderr.write(`pods: ${outcomes.length} of ${runs}\n`);
  }
}

await Promise.all(Array.from({ length: Math.max(1, parallel) }, work));

const seconds = (performance.now() - startedAt) / 1_000;
const sections = podSections(outcomes, { seed, parallel, seconds });
const failed = outcomes.filter(({ violations }) => violations.length > 0);
if (values.dry) process.stdout.write(`${sections.join('\n\n')}\n`);
else
  await keepResults(
    'pods',
    'SIGKILL in a pod at random instants',
    await versionsOf(['@graceful/rehearsal', '@graceful/companion', '@graceful/handover']),
    sections,
  );
process.stderr.write(`pods: ${failed.length} of ${runs} failed\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
