import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { SeenDeparture } from '../../../src/receipts/receipt.js';
import { ReceiptBook, type ReceiptBookOptions } from '../../../src/receipts/receipt-book.js';

/** A departure of which nothing bad is to be said, but for what a test says. */
export function seen(told: Partial<SeenDeparture> = {}): SeenDeparture {
  return {
    pod: 'orders-7f9c-x2x',
    podUid: '4a1c2b1e-0000-4000-8000-000000000001',
    container: 'orders',
    instance: 'i1',
    name: 'orders',
    epoch: 1,
    reason: 'pod',
    exit: { how: 'bye', afterMs: 7_400 },
    startedAt: '2026-11-21T10:00:00.000Z',
    endedAt: '2026-11-21T10:00:07.400Z',
    lameDuckMs: 5_000,
    lastArrivalMs: 3_210,
    lateArrivals: 0,
    inFlightAtClose: 0,
    maxInFlight: 4,
    served: 812,
    sockets: { established: 0, listening: 0, busy: 0 },
    deadlineSlackMs: 19_600,
    farewell: { verdict: 'clean', exitCode: 0, requests: { served: 813, dropped: 0 } },
    ...told,
  };
}

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'graceful-receipts-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A book that writes no log, and whatever it could not write. */
export function quietBook(options: ReceiptBookOptions = {}): { book: ReceiptBook; errors: string[] } {
  const errors: string[] = [];
  const onError = (error: Error, where: string) => void errors.push(`${where}: ${error.message}`);
  return { book: new ReceiptBook({ log: false, onError, ...options }), errors };
}
