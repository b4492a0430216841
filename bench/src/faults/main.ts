import { parseArgs } from 'node:util';
import { keepResults } from '../report/results.js';
import { versionsOf } from '../report/versions.js';
import { playInProcess } from './in-process.js';
import type { Outcome } from './outcome.js';
import { describePlan, type Plan, planOf } from './plan.js';
import { faultSections } from './report.js';
import { playSupervisor } from './supervisor.js';

/*
 * SIGKILL to any process at a random instant of an upgrade, again and again.
 * Seeds count up from the first; `--seed N --runs 1 --dry` plays one again.
 *
 *   node bench/dist/faults/main.js [--runs 300] [--seed N] [--parallel 2] [--dry]
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1_000)) },
    parallel: { type: 'string', default: '2' },
    /** Print, and leave the kept results as they are. */
    dry: { type: 'boolean', default: false },
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

function play(plan: Plan): Promise<Outcome> {
  return plan.form === 'in-process' ? playInProcess(plan) : playSupervisor(plan);
}

async function work(): Promise<void> {
  while (begun < runs) {
    const plan = planOf(seed + begun++);
    const outcome = await play(plan);
    outcomes.push(outcome);
    if (outcome.violations.length > 0) {
      const what = `${describePlan(plan)}, ${outcome.killed ? '' : 'nobody was there, '}in "${outcome.stage}"`;
      process.stderr.write(`\nFAILED, ${what}\n${outcome.violations.join('\n')}\n${outcome.history}\n`);
    }
    if (outcomes.length % 20 === 0) process.stderr.write(`faults: ${outcomes.length} of ${runs}\n`);
  }
}

await Promise.all(Array.from({ length: Math.max(1, parallel) }, work));

const seconds = (performance.now() - startedAt) / 1_000;
const sections = faultSections(outcomes, { seed, parallel, seconds });
const failed = outcomes.filter(({ violations }) => violations.length > 0);
if (values.dry) process.stdout.write(`${sections.join('\n\n')}\n`);
else
  await keepResults(
    'faults',
    'SIGKILL at random instants of an upgrade',
    await versionsOf(['@graceful/handover']),
    sections,
  );
process.stderr.write(`faults: ${failed.length} of ${runs} failed\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
