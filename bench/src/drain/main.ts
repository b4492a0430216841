import { loadContestants } from '../registry.js';
import { writeResults } from '../report/results.js';
import { keepAliveRace } from './keep-alive-race.js';
import { type DrainFigure, drainSections } from './report.js';
import { slowReaders, slowRequests } from './work-in-flight.js';

/** Command-line words are the ids of contestants: only these run. */
const wanted = process.argv.slice(2);
const entries = (await loadContestants()).filter(
  ({ id, contestant }) => contestant.role !== 'control' && (wanted.length === 0 || wanted.includes(id)),
);

// One after the other: beside another one, a lag would say what both did.
const figures: DrainFigure[] = [];
for (const { id, contestant } of entries) {
  figures.push({
    contestant,
    race: await keepAliveRace(id),
    requests: await slowRequests(id),
    readers: await slowReaders(id),
  });
  process.stderr.write(`drain: ${figures.length} of ${entries.length}, ${contestant.name}\n`);
}
await writeResults(
  'drain',
  'What is lost at SIGTERM',
  drainSections(figures),
  figures.map(({ contestant }) => contestant),
);
