import type { Grace } from '../contestant.js';
import { loadContestant } from '../registry.js';

/** One contestant that is going to be stopped: says its port, and is then alone, as in production. */
const [id = '', grace = ''] = process.argv.slice(2);
const contestant = await loadContestant(id);
const port = await contestant.start(JSON.parse(grace) as Grace);

// An open channel to the parent would be one more thing that keeps the process from ending by itself.
process.send?.({ port }, () => process.disconnect());
