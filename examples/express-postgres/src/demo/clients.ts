import { setTimeout as sleep } from 'node:timers/promises';
import type { Balancer } from './balancer.js';
import { Lost, RawConnection } from './raw-connection.js';
import type { Tally } from './tally.js';

export type ClientKind = 'kept-alive' | 'fresh' | 'slow' | 'idle' | 'silent';

interface Habits {
  readonly kind: ClientKind;
  readonly count: number;
  /** Between an answer and the next request, in milliseconds. */
  readonly pauseMs: number;
  /** The first client begins at once, the last one after this time: not all in step. */
  readonly startWithinMs: number;
  /** A connection per request, and not one for all. */
  readonly freshConnections: boolean;
  /** The last ones to hear that the service is leaving, and not spread over all places. */
  readonly farAway: boolean;
  request(turn: number): readonly [method: string, path: string, body?: string];
}

const order = JSON.stringify({ customer: 'Ada', lines: [{ product: 'tea', quantity: 2, cents: 450 }] });

function mixed(turn: number): readonly [string, string, string?] {
  if (turn % 3 === 0) return ['POST', '/orders', order];
  return turn % 3 === 1 ? ['GET', '/orders'] : ['GET', `/orders/${turn}`];
}

function report(): readonly [string, string] {
  return ['GET', '/orders/report?seconds=2'];
}

const nearby = { startWithinMs: 100, freshConnections: false, farAway: false, request: mixed };

export const habits: readonly Habits[] = [
  { ...nearby, kind: 'kept-alive', count: 16, pauseMs: 40 },
  { ...nearby, kind: 'fresh', count: 12, pauseMs: 80, freshConnections: true },
  { ...nearby, kind: 'slow', count: 6, pauseMs: 50, startWithinMs: 2_000, farAway: true, request: report },
  { ...nearby, kind: 'idle', count: 8, pauseMs: 3_500, startWithinMs: 2_000 },
  // They asked once, and wait until the server has enough of them.
  { ...nearby, kind: 'silent', count: 8, pauseMs: Infinity, startWithinMs: 2_000 },
];

/** Let everybody loose; resolves when the last one has gone elsewhere. */
export async function sendRequests(port: number, balancer: Balancer, tally: Tally): Promise<void> {
  const clients = habits.flatMap((habit) =>
    Array.from({ length: habit.count }, (_, index) => client(habit, index, { port, balancer, tally })),
  );
  await Promise.all(clients);
}

interface World {
  readonly port: number;
  readonly balancer: Balancer;
  readonly tally: Tally;
}

async function client(habit: Habits, index: number, { port, balancer, tally }: World): Promise<void> {
  const place = habit.farAway ? 1 : index / habit.count;
  let connection: RawConnection | undefined;
  await sleep((habit.startWithinMs * index) / habit.count);
  for (let turn = index; ; turn += 1) {
    if (!connection?.usable) {
      if (!balancer.sends(place)) return;
      connection = await RawConnection.open(port).catch(() => undefined);
      if (!connection) {
        tally.turnedAway += 1;
        return;
      }
    }
    const sentAt = performance.now();
    try {
      const { status } = await connection.request(...habit.request(turn));
      tally.answered.push({ kind: habit.kind, status, sentAt, answeredAt: performance.now() });
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      tally.lost.push({ kind: habit.kind, at: performance.now(), why: error.message });
    }
    if (habit.freshConnections) connection.close();
    await (habit.pauseMs === Infinity ? connection.closed : sleep(habit.pauseMs));
  }
}
