import { loadContestant, loadContestants } from '../registry.js';
import { writeResults } from '../report/results.js';
import { figuresOf } from './figures.js';
import { measure, type Plan } from './measure.js';
import { overheadSections } from './report.js';

const plan: Plan = { launches: 12, rounds: 24, requests: 1_000, connections: 20, warmUpRequests: 8_000 };

/** Those that say nothing about other wires than HTTP/1.1 stand in `contestants/`; these are measured here alone. */
const wires = ['bare-http2', 'graceful-http2', 'bare-websocket', 'graceful-websocket'].map(
  (name) => `overhead/wires/${name}`,
);
const ofWires = await Promise.all(wires.map(async (id) => ({ id, contestant: await loadContestant(id) })));

/** Command-line words are the ids of contestants: only these and the bare servers run. */
const wanted = process.argv.slice(2);
const entries = [...(await loadContestants()), ...ofWires].filter(
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
