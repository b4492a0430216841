import { fileURLToPath } from 'node:url';
import {
  ConformanceError,
  type ConformanceOptions,
  type RowReport,
  runConformance,
} from '@graceful/conformance';
import type { Contestant, Grace } from '../contestant.js';
import type { Entry } from '../registry.js';

/** The same for all: long enough for every row here, short enough for the whole of the table. */
export const grace: Grace = { preDrainMs: 1_000, drainMs: 6_000 };

/** The race is played so often, and its figures are added up: once would say more about luck. */
const raceRounds = 3;
const raceId = 'far-clients';
const http2Id = 'http2';

/** Longer than the pre-drain, so that what follows it meets them too. */
const slowMs = 1_600;
const program = fileURLToPath(new URL('../drain/server.js', import.meta.url));

/** One contestant in every row. */
export interface Played {
  readonly id: string;
  readonly rows: readonly RowReport[];
}

/** Play every row of the kit against a contestant. */
export async function playAll({ id, contestant }: Entry): Promise<Played> {
  const options = optionsOf(id, contestant);
  const [{ rows }, again, secure] = await Promise.all([
    runConformance(options),
    raceAgain(options),
    overTls(options),
  ]);
  const raced = rows.map((row) => (row.id === raceId ? again.reduce(added, row) : row));
  return { id, rows: [...raced.filter((row) => row.id !== http2Id), ...secure] };
}

/** Requests in flight over HTTPS, and streams of HTTP/2. */
async function overTls(options: ConformanceOptions): Promise<readonly RowReport[]> {
  const rows: RowReport[] = [];
  const { quick, slow } = options.requests;
  for (const [protocol, id] of [
    ['https', 'in-flight'],
    ['http2', http2Id],
  ] as const) {
    // Whether it is ready is of no interest here, and lightship says so elsewhere, without TLS.
    const { readiness: _readiness, ...rest } = options;
    try {
      const report = await runConformance({
        ...rest,
        tls: true,
        env: { ...options.env, BENCH_PROTOCOL: protocol },
        requests: { quick, ...(slow && { slow }) },
        ...(protocol === 'http2' && {
          http2: { path: `/reports/slow?ms=${slowMs}`, takesMs: slowMs },
        }),
        only: [id],
      });
      rows.push(...report.rows.map((row) => ({ ...row, id: protocol })));
    } catch (error) {
      if (!(error instanceof ConformanceError)) throw error;
      // Express speaks no HTTP/2: there is nothing to hold anybody to.
      process.stderr.write(`table: no ${protocol}: ${error.message.slice(0, 200)}\n`);
    }
  }
  return rows;
}

async function raceAgain(options: ConformanceOptions): Promise<readonly RowReport[]> {
  const rounds: RowReport[] = [];
  for (let round = 1; round < raceRounds; round += 1) {
    const { rows } = await runConformance({ ...options, only: [raceId] });
    rounds.push(...rows);
  }
  return rounds;
}

function optionsOf(id: string, contestant: Contestant): ConformanceOptions {
  const { readiness, preDrains = false } = contestant;
  const order = JSON.stringify({ customer: 'ada', items: [1, 2, 3] });
  const json = { 'Content-Type': 'application/json' };
  return {
    command: [process.execPath, program, id, JSON.stringify(grace)],
    env: { NODE_ENV: 'production' },
    portVariable: 'BENCH_PORT',
    // Most of what a row does is to wait.
    concurrency: 3,
    ...(readiness !== undefined && { readiness }),
    requests: {
      quick: { path: '/orders', headers: json, body: order },
      slow: { path: `/reports/slow?ms=${slowMs}`, takesMs: slowMs },
      large: 'GET /reports/large',
      upload: { path: '/orders', headers: { 'Content-Type': 'text/plain' } },
      stream: { path: '/reports/feed', takesMs: slowMs },
      endless: 'GET /reports/never',
      events: 'GET /orders/events',
      websocket: '/live',
    },
    promises: {
      // Without a place for a pre-drain there is no such promise, and no row about it.
      lameDuckMs: preDrains ? grace.preDrainMs : 0,
      deadlineMs: grace.preDrainMs + grace.drainMs,
    },
  };
}

function added(one: RowReport, other: RowReport): RowReport {
  const sum = (of: keyof RowReport['requests']): number => one.requests[of] + other.requests[of];
  return {
    ...one,
    result: one.result === 'passed' ? other.result : one.result,
    violations: [...one.violations, ...other.violations],
    requests: {
      sent: sum('sent'),
      answered: sum('answered'),
      lost: sum('lost'),
      turnedAway: sum('turnedAway'),
    },
  };
}
