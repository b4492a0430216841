import type { Contestant } from '../contestant.js';
import type { Entry } from '../registry.js';
import { mean } from '../report/statistics.js';
import { type Arm, type Departure, leave, memory, rest } from './run.js';
import type { LoopFigures } from './server.js';

/** How many idle connections there are, step by step. */
export const crowds: readonly number[] = [1_000, 2_000, 4_000, 8_000, 16_000];
export const most = 16_000;
/** For the others, to show which way they go. */
const fewCrowds: readonly number[] = [1_000, 4_000, most];

/** Requests that are in flight at the signal, and over how long after it they are answered, in milliseconds. */
export const active = 1_000;
const overMs = 3_000;

/** The same for all: one second of pre-drain, ten for what is in flight. */
const grace = { preDrainMs: 1_000, drainMs: 10_000 };

/** A promise that outlasts every budget: whoever leaves ends all idle connections of its own accord, at once if it does not spread them. */
const longPromise: Omit<Arm, 'idle'> = { active, overMs, keepAliveMs: 65_000, grace };

/** Our own departures that differ from that, with the most connections. */
const others: readonly { readonly title: string; readonly arm: Arm }[] = [
  {
    title: 'all defaults: Node promises 5 s, the lame-duck lasts 5 s',
    arm: { ...longPromise, idle: most, keepAliveMs: 5_000, grace: { preDrainMs: 5_000, drainMs: 15_000 } },
  },
  {
    title: 'all promises run out within the moment in which they were made: Node promises 2 s',
    arm: { ...longPromise, idle: most, keepAliveMs: 2_000 },
  },
  {
    title: 'the budget is spent: 1,000 requests that never end, and all idle connections left, are cut',
    arm: { ...longPromise, idle: most, overMs: 600_000, grace: { preDrainMs: 1_000, drainMs: 1_500 } },
  },
];

/** How one library left, with so many idle connections, run by run. */
export interface Series {
  readonly contestant: Contestant;
  readonly idle: number;
  readonly departures: readonly Departure[];
}

/** Bytes for each connection over what the bare server has for it, run by run. */
interface MemorySeries {
  readonly contestant: Contestant;
  readonly idle: number;
  readonly heap: readonly number[];
  readonly rss: readonly number[];
}

export interface ScaleFigures {
  readonly series: readonly Series[];
  readonly others: readonly { readonly title: string; readonly departures: readonly Departure[] }[];
  readonly memory: readonly MemorySeries[];
  /** The bare server with the most connections, when nothing happens. */
  readonly rest: readonly LoopFigures[];
}

/** How often each is run. */
export interface Repeats {
  readonly ours: number;
  readonly peers: number;
}

async function times<Result>(count: number, one: () => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let run = 0; run < count; run++) results.push(await one());
  return results;
}

/** Everything, one after the other: beside another, a stall would say what both did. */
export async function measure(
  entries: readonly Entry[],
  repeats: Repeats,
  onStep: (step: string) => void,
): Promise<ScaleFigures> {
  const resting = await times(repeats.ours, () => rest('bare-http', { ...longPromise, idle: most }, 3_000));
  onStep('at rest');
  const series: Series[] = [];
  for (const { id, contestant } of entries) {
    for (const idle of contestant.role === 'ours' ? crowds : fewCrowds) {
      const count = contestant.role === 'ours' ? repeats.ours : repeats.peers;
      series.push({
        contestant,
        idle,
        departures: await times(count, () => leave(id, { ...longPromise, idle })),
      });
      onStep(`${contestant.name}, ${idle} connections`);
    }
  }
  const othersDone: { title: string; departures: Departure[] }[] = [];
  for (const { title, arm } of others) {
    othersDone.push({ title, departures: await times(repeats.ours, () => leave('graceful-core', arm)) });
    onStep(title);
  }
  return { series, others: othersDone, memory: await measureMemory(entries, repeats, onStep), rest: resting };
}

async function measureMemory(
  entries: readonly Entry[],
  repeats: Repeats,
  onStep: (step: string) => void,
): Promise<MemorySeries[]> {
  const results: MemorySeries[] = [];
  for (const idle of crowds) {
    const bare = await times(repeats.ours, () => perConnection('bare-http', idle));
    for (const { id, contestant } of entries) {
      if (contestant.role !== 'ours') continue;
      const runs = await times(repeats.ours, () => perConnection(id, idle));
      const over = (of: 'heap' | 'rss') => runs.map((run) => run[of] - mean(bare.map((one) => one[of])));
      results.push({ contestant, idle, heap: over('heap'), rss: over('rss') });
    }
    onStep(`memory of ${idle} connections`);
  }
  return results;
}

/** What each connection adds to a service of which everything else is there already. */
async function perConnection(id: string, idle: number): Promise<{ heap: number; rss: number }> {
  const arm = { ...longPromise, active: 0 };
  const empty = await memory(id, { ...arm, idle: 0 });
  const full = await memory(id, { ...arm, idle });
  return { heap: (full.heap - empty.heap) / idle, rss: (full.rss - empty.rss) / idle };
}
