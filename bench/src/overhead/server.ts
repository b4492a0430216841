import type { Grace } from '../contestant.js';
import { loadContestant } from '../registry.js';

/** One contestant under load: says its port, and how much CPU it has used whenever it is asked. */
const [id = '', grace = ''] = process.argv.slice(2);
const contestant = await loadContestant(id);
const port = await contestant.start(JSON.parse(grace) as Grace);

process.on('message', () => process.send?.(process.cpuUsage()));
// The run is over, or died: no contestant is to outlive it, whatever it does on signals.
process.once('disconnect', () => process.exit());
process.send?.({ port });
