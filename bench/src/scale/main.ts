import { writeFile } from 'node:fs/promises';
import { loadContestants } from '../registry.js';
import { writeResults } from '../report/results.js';
import { measure } from './figures.js';
import { scalePlot } from './plot.js';
import { scaleSections } from './report.js';

/** Those that stop a server of node:http; the others stand on one of them, or on `server.close()`. */
const ids = [
  'bare-http',
  'graceful-core',
  'http-terminator',
  'stoppable',
  'terminus',
  'http-graceful-shutdown',
];

/** A number as the first word: how often ours is run. */
const ours = Number(process.argv[2] ?? 5);
const entries = (await loadContestants()).filter(({ id }) => ids.includes(id));
const figures = await measure(entries, { ours, peers: Math.max(1, Math.round(ours / 3)) }, (step) => {
  process.stderr.write(`scale: ${step}\n`);
});
await writeFile(new URL('../../../docs/scale.svg', import.meta.url), scalePlot(figures));
await writeResults(
  'scale',
  'Leaving with thousands of connections',
  scaleSections(figures),
  entries.map(({ contestant }) => contestant),
);
// Whoever never exits may have left something here.
process.exit();
