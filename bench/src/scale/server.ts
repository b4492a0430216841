import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Grace } from '../contestant.js';
import { loadContestant } from '../registry.js';

/** What a service saw of its own event loop, in milliseconds. */
export interface LoopFigures {
  readonly maxMs: number;
  readonly p99Ms: number;
  /** From SIGTERM to the end; 0 if it never came. */
  readonly leftMs: number;
}

/** What a service holds, in bytes, after a garbage collection. */
export interface MemoryFigures {
  readonly heap: number;
  readonly rss: number;
}

/** What the service is asked, over IPC. */
export type Question = 'memory' | 'watch' | 'loop';

const [id = '', grace = ''] = process.argv.slice(2);
const contestant = await loadContestant(id);
const port = await contestant.start(JSON.parse(grace) as Grace);

const monitor = monitorEventLoopDelay({ resolution: 1 });
let stoppedAt: number | undefined;
let tickedAt = performance.now();
let longestMs = 0;

process.prependOnceListener('SIGTERM', () => {
  stoppedAt = performance.now();
  begin();
});

/** Forget what was before. */
function begin(): void {
  monitor.reset();
  tickedAt = performance.now();
  longestMs = 0;
}

// The monitor knows of a stall when the next turn comes: not of the one it begins in, and not of one that lasts until the exit.
function tick(): void {
  const now = performance.now();
  longestMs = Math.max(longestMs, now - tickedAt);
  tickedAt = now;
}

function watch(): void {
  monitor.enable();
  begin();
  setInterval(tick, 1).unref();
  process.once('exit', () => process.send?.(loopFigures()));
  // As in production: the channel does not keep the process alive.
  process.channel?.unref();
}

function loopFigures(): LoopFigures {
  tick();
  return {
    maxMs: Math.max(monitor.max / 1e6, longestMs),
    p99Ms: monitor.percentile(99) / 1e6,
    leftMs: stoppedAt === undefined ? 0 : tickedAt - stoppedAt,
  };
}

function memoryFigures(): MemoryFigures {
  for (let pass = 0; pass < 3; pass++) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}

process.on('message', (question: Question) => {
  if (question === 'memory') process.send?.(memoryFigures());
  if (question === 'loop') process.send?.(loopFigures());
  if (question === 'watch') watch();
});
process.once('disconnect', () => process.exit());
process.send?.({ port });
