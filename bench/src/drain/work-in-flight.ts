import { largeBytes } from '../service/orders.js';
import { type Outcome, play } from './scenario.js';
import { slowReader, slowRequest } from './slow-clients.js';

export const requests: { readonly count: number; readonly ms: number } = { count: 5, ms: 2_000 };
export const readers: { readonly count: number; readonly ms: number } = { count: 3, ms: 3_000 };

/** All have begun by then, and end well after every pre-drain: what follows them is lag. */
const leadMs = 300;

/** Requests whose answers are not ready when SIGTERM comes. */
export function slowRequests(id: string): Promise<Outcome> {
  return play(id, leadMs, (port, tally) =>
    Array.from({ length: requests.count }, () => slowRequest(port, requests.ms, tally)),
  );
}

/** Answers that are made, and mostly not read, when SIGTERM comes. */
export function slowReaders(id: string): Promise<Outcome> {
  return play(id, leadMs, (port, tally) =>
    Array.from({ length: readers.count }, () => slowReader(port, (largeBytes / readers.ms) * 1_000, tally)),
  );
}
