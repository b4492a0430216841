import { parseArgs } from 'node:util';
import { stop } from '../drain/departure.js';
import { startService } from '../service/process.js';
import { Client, type Manner, type Tally, workMs } from './clients.js';
import { leavers } from './contestants.js';
import { FarRelay } from './far-relay.js';
import { type Figure, keep } from './report.js';

/*
 * How many requests cross GOAWAY when a server over HTTP/2 leaves: for each
 * way to leave, each manner of clients and each round trip, in new processes.
 * Writes the section of this Node into results/goaway.md, and leaves those of
 * others as they are.
 */

const { values } = parseArgs({ options: { runs: { type: 'string', default: '3' } } });
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new TypeError(`Expected --runs from 1 on, got ${values.runs}`);

/** How long they have been at it when SIGTERM comes, in milliseconds. */
const leadMs = 700;
/** Beyond every budget: a process that is still there is killed. */
const limitMs = 15_000;

const manners: readonly Manner[] = [
  { name: '20 × 1 stream, asks at once', clients: 20, streams: 1, thinkMs: 0 },
  { name: '20 × 10 streams, ask at once', clients: 20, streams: 10, thinkMs: 0 },
  { name: '4 × 100 streams, ask at once', clients: 4, streams: 100, thinkMs: 0 },
  { name: '20 × 1 stream, thinks 40 ms', clients: 20, streams: 1, thinkMs: 40 },
  { name: '20 × 10 streams, think 40 ms', clients: 20, streams: 10, thinkMs: 40 },
  { name: '20 × does not wait, 10 requests/s', clients: 20, streams: undefined, thinkMs: 100 },
  { name: '20 × does not wait, 100 requests/s', clients: 20, streams: undefined, thinkMs: 10 },
];
const roundTripsMs = [0, 20];

const entry = new URL('server.js', import.meta.url);

async function measure(id: string, manner: Manner, rttMs: number): Promise<Tally> {
  const tally: Tally = { answered: 0, refused: 0, lost: 0 };
  const service = await startService(entry, id, { preDrainMs: 0, drainMs: 0 });
  using relay = await FarRelay.to(service.port, rttMs);
  const gone = Array.from({ length: manner.clients }, () => new Client(relay.port, tally).behave(manner));
  await new Promise((resolve) => setTimeout(resolve, leadMs));
  await stop(service, limitMs);
  await Promise.all(gone);
  return tally;
}

const figures: Figure[] = [];
for (const manner of manners) {
  for (const rttMs of roundTripsMs) {
    for (const [id, { name }] of Object.entries(leavers)) {
      const tallies: Tally[] = [];
      for (let run = 0; run < runs; run++) tallies.push(await measure(id, manner, rttMs));
      figures.push({ leaver: name, manner: manner.name, rttMs, tallies });
      process.stderr.write(`goaway: ${manner.name}, ${rttMs} ms, ${name}: ${JSON.stringify(tallies)}\n`);
    }
  }
}
await keep(figures, { runs, workMs, leadMs, setups: Object.values(leavers) });
