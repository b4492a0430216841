import type { Grace } from '../contestant.js';
import { startService } from '../service/process.js';
import { type Exit, stop } from './departure.js';
import { Tally } from './tally.js';

/** The same for all. A pre-drain of one second is short for production, and long enough for every client here to be told. */
export const grace: Grace = { preDrainMs: 1_000, drainMs: 10_000 };

/** Beyond every budget: a process that is still there will not end by itself within its grace. */
export const limitMs: number = grace.preDrainMs + grace.drainMs + 2_000;

/** What one contestant did in one scenario. */
export interface Outcome {
  readonly tally: Tally;
  readonly exit: Exit;
  /** From the last thing that happened to a client to the end of the process, in milliseconds. */
  readonly lagMs: number;
}

const entry = new URL('server.js', import.meta.url);

/** Start a contestant, let `clients` at it, stop it `leadMs` later, and wait for everybody to be gone. */
export async function play(
  id: string,
  leadMs: number,
  clients: (port: number, tally: Tally) => readonly Promise<void>[],
): Promise<Outcome> {
  const service = await startService(entry, id, grace);
  const tally = new Tally();
  const gone = Promise.all(clients(service.port, tally));
  await new Promise((resolve) => setTimeout(resolve, leadMs));
  const exit = await stop(service, limitMs);
  await gone;
  return { tally, exit, lagMs: Math.max(0, exit.at - tally.lastAt) };
}
