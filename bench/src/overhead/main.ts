import { loadContestants } from '../registry.js';
import { writeResults } from '../report/results.js';
import { figuresOf } from './figures.js';
import { measure, type Plan } from './measure.js';
import { overheadSections } from './report.js';

const plan: Plan = { launches: 12, rounds: 24, requests: 1_000, connections: 20, warmUpRequests: 8_000 };

/** Command-line words are the ids of contestants: only these and the bare servers run. */
const wanted = process.argv.slice(2);
const entries = (await loadContestants()).filter(
  ({ id, contestant }) => wanted.length === 0 || contestant.role === 'bare' || wanted.includes(id),
);

const rounds = await measure(entries, plan, (done) => {
  process.stderr.write(`overhead: launch ${done} of ${plan.launches}\n`);
});
await writeResults(
  'overhead',
  'CPU per request over the bare server',
  overheadSections(figuresOf(entries, rounds), plan),
  entries.map(({ contestant }) => contestant),
);
