import { StallWatch } from '../../fuzz/stall.js';
import type { Running } from '../contestant.js';
import { Books } from './books.js';
import { type Part, parts } from './parts.js';

/** What became of all work between begin and end of a load. */
export interface LoadFigures {
  readonly books: ReadonlyMap<Part, Books>;
  readonly durationMs: number;
  /** The longest that the machine kept the clients themselves from running, in milliseconds. */
  readonly stalledMs: number;
}

/** All kinds of clients at once, while `work` is done. */
export async function underLoad(
  running: Pick<Running, 'tcp' | 'unix'>,
  patienceMs: number,
  work: (lost: () => number) => Promise<void>,
): Promise<LoadFigures> {
  const begunAt = performance.now();
  const over = new AbortController();
  const books = new Map(parts.map((part) => [part, new Books()]));
  using stall = new StallWatch(process.pid);
  const clients = parts.flatMap((part) => {
    const surroundings = {
      address: running[part.over],
      books: books.get(part) as Books,
      patienceMs,
      over: over.signal,
    };
    return Array.from({ length: part.clients }, () => part.work(surroundings));
  });
  try {
    await work(() => lostIn(books.values()));
  } finally {
    over.abort();
    await Promise.all(clients);
  }
  return { books, durationMs: performance.now() - begunAt, stalledMs: stall.longestMs };
}

export function lostIn(books: Iterable<Books>): number {
  let lost = 0;
  for (const { lost: ways } of books) for (const count of ways.values()) lost += count;
  return lost;
}
