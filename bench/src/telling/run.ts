import { setTimeout as pause } from 'node:timers/promises';
import type { Grace } from '../contestant.js';
import { Balancer } from './balancer.js';
import { Books } from './books.js';
import { type ClientParts, goOn, ownLine, sharedLines } from './clients.js';
import { drop, leave, startInstance, stopsListening } from './instance.js';

/** The budgets are the defaults. */
export const grace: Grace = { preDrainMs: 5_000, drainMs: 15_000 };

/** How many clients think for how long, in milliseconds. */
export const crowd: readonly { readonly count: number; readonly thinkMs: number }[] = [
  { count: 60, thinkMs: 20 },
  { count: 90, thinkMs: 200 },
  { count: 90, thinkMs: 1_000 },
  { count: 60, thinkMs: 3_000 },
];

/** Long enough for each client to have asked at moments that have nothing to do with each other. */
const leadMs = 4_000;
/** Beyond every budget. */
const limitMs = 30_000;
const herdMs = 100;

/** One run: how clients are told, what is balanced, and how late that notices. */
export interface Plan {
  readonly tellMs: number;
  readonly balanced: 'connections' | 'requests';
  readonly lagMs: number;
}

/** What came of it. */
export interface Outcome {
  readonly opened: number;
  readonly cameBack: number;
  /** The most connections opened in any 100 ms. */
  readonly herd: number;
  readonly lost: number;
  /** Connections that met a closed door. */
  readonly refused: number;
  /** Connections that were still open, and not told, when the listener closed. */
  readonly untold: number;
  /** From the end of the lame-duck to the exit, in milliseconds. */
  readonly exitMs: number;
  readonly exit: string;
}

/** Two instances, one of which leaves. */
export async function play({ tellMs, balanced, lagMs }: Plan): Promise<Outcome> {
  const tls = false;
  const leaver = await startInstance({ tellMs, tls }, grace);
  const stayer = await startInstance({ tls }, grace);
  const balancer = new Balancer([leaver, stayer], lagMs);
  const books = new Books();
  const over = new AbortController();
  const parts = { balancer, books, tls, over: over.signal };
  const pool = sharedLines(parts);
  const clients = crowd.flatMap(({ count, thinkMs }) =>
    Array.from({ length: count }, () => {
      const client: ClientParts = { ...parts, thinkMs };
      return goOn(client, balanced === 'requests' ? pool : ownLine(client));
    }),
  );
  await pause(leadMs);

  const since = performance.now();
  const closing = stopsListening(leaver).then(() => ({
    at: performance.now(),
    untold: books.openTo(leaver),
  }));
  balancer.leaves(leaver);
  books.leaves(leaver, since + grace.preDrainMs);
  const exit = await leave(leaver, limitMs);
  const exitAt = performance.now();
  const { at, untold } = await closing;
  over.abort();
  await Promise.all(clients);
  await drop(stayer);
  return {
    opened: books.openedSince(since),
    cameBack: books.openedSince(since, leaver),
    herd: books.mostOpenedWithin(herdMs, since),
    lost: books.lost,
    refused: books.refused,
    untold,
    exitMs: exitAt - at,
    exit,
  };
}
