import { describe, expect, it } from 'vitest';
import type { SeenDeparture } from '../../src/receipts/receipt.js';
import { receiptOf } from '../../src/receipts/receipt-of.js';
import { exitCodeOf, verdictOf } from '../../src/receipts/verdict.js';
import { seen } from './support/departures.js';

const busy = { established: 2, listening: 0, busy: 1 };
const idle = { established: 2, listening: 0, busy: 0 };
const silent: Partial<SeenDeparture> = { exit: { how: 'eof', afterMs: 10 }, farewell: undefined as never };

describe('a departure', () => {
  it.each<[string, Partial<SeenDeparture>, string]>([
    ['that says it was clean', {}, 'clean'],
    ['that says so with idle connections left open', { sockets: idle }, 'clean'],
    ['that says so while the kernel still has bytes for it', { sockets: busy }, 'disputed'],
    ['that dropped a request', { farewell: { verdict: 'forced', requests: { dropped: 2 } } }, 'dropped'],
    [
      'that says clean, and that it dropped one',
      { farewell: { verdict: 'clean', requests: { dropped: 1 } } },
      'dropped',
    ],
    [
      'that was forced and dropped no request',
      { farewell: { verdict: 'forced', requests: { dropped: 0 } } },
      'forced',
    ],
    ['of which a hook failed', { farewell: { verdict: 'failed', requests: { dropped: 0 } } }, 'forced'],
    ['of another language that dropped nothing', { farewell: { requests: { dropped: 0 } } }, 'clean'],
    [
      'of another language that ended with an error',
      { farewell: { exitCode: 3, requests: { dropped: 0 } } },
      'forced',
    ],
    ['that ended with 0 and says no more', { farewell: { exitCode: 0 } }, 'clean'],
    ['that says goodbye and nothing else', { farewell: {} }, 'unknown'],
    ['without a word, with nothing in flight', silent, 'unknown'],
    ['without a word, with requests in flight', { ...silent, inFlightAtClose: 3 }, 'dropped'],
    ['without a word, with bytes in the kernel', { ...silent, sockets: busy }, 'dropped'],
    ['that ended before the goodbye it said', { exit: { how: 'eof', afterMs: 1 } }, 'disputed'],
    ['that never came', { ...silent, exit: { how: 'never-registered', afterMs: 0 } }, 'unknown'],
    ['at its deadline, without a word', { ...silent, exit: { how: 'deadline', afterMs: 1 } }, 'unknown'],
    [
      'at its deadline, by its own word',
      { farewell: { verdict: 'forced', requests: { dropped: 0 } }, exit: { how: 'deadline', afterMs: 1 } },
      'forced',
    ],
    [
      'at its deadline, at work',
      { ...silent, exit: { how: 'deadline', afterMs: 1 }, inFlightAtClose: 1 },
      'dropped',
    ],
  ])('%s', (_which, told, verdict) => {
    expect(verdictOf(seen(told))).toBe(verdict);
  });

  it('tells the code of the companion by the worst of them', () => {
    expect(exitCodeOf([])).toBe(0);
    expect(exitCodeOf(['clean'])).toBe(0);
    expect(exitCodeOf(['clean', 'forced'])).toBe(64);
    expect(exitCodeOf(['disputed', 'forced'])).toBe(66);
    expect(exitCodeOf(['unknown', 'clean'])).toBe(66);
    expect(exitCodeOf(['unknown', 'dropped', 'clean'])).toBe(65);
  });
});

describe('a receipt', () => {
  it('takes from the report what the service alone knows', () => {
    const farewell = {
      verdict: 'failed',
      requests: { served: 813, dropped: 0 },
      connections: { told: 3, forced: 2 },
      hooks: [
        { name: 'postgres', phase: 'close', result: 'failed', durationMs: 12.5, error: { message: 'no' } },
      ],
    } as const;
    expect(receiptOf(seen({ farewell }))).toMatchObject({
      kind: 'graceful.receipt',
      version: 1,
      verdict: 'forced',
      served: 813,
      forcedConnections: 2,
      hooks: [{ name: 'postgres', phase: 'close', result: 'failed', durationMs: 12.5 }],
      report: farewell,
    });
  });

  it('counts what was in flight as dropped where nobody said goodbye', () => {
    expect(receiptOf(seen({ ...silent, inFlightAtClose: 3 }))).toMatchObject({ dropped: 3, served: 812 });
  });

  it('survives a report that is none', () => {
    const nested = JSON.parse(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`) as object;
    const farewell = {
      hooks: [1, null, { name: 2 }, {}],
      connections: 'many',
      requests: {},
      nested,
    } as never;
    const receipt = receiptOf(seen({ farewell }));
    expect(receipt).toMatchObject({ verdict: 'unknown', hooks: [], forcedConnections: 0, served: 812 });
    expect(receipt).not.toHaveProperty('report');
  });
});
