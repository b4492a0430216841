import type { ShutdownReport } from '@graceful/core';
import { describe, expect, it } from 'vitest';
import { BackOff } from '../../src/client/back-off.js';
import { farewellOf } from '../../src/client/farewell.js';
import { streamEventOf } from '../../src/client/stream-event.js';
import { farewellOf as farewellOnTheWire } from '../../src/protocol/requests.js';
import { limits } from '../../src/protocol/wire.js';

const waits = (backOff: BackOff) => Array.from({ length: 8 }, () => backOff.nextMs());

describe('the waits between two tries', () => {
  it('double from 0.1 s to 5 s, and half of each is chance', () => {
    const [least, most] = [new BackOff(() => 0), new BackOff(() => 1)];
    expect(waits(most)).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    expect(waits(least)).toEqual([50, 100, 200, 400, 800, 1_600, 2_500, 2_500]);
    most.reset();
    expect(most.nextMs()).toBe(100);
  });
});

describe('what a companion says', () => {
  it.each([
    ['{"type":"cancel","more":1}', { type: 'cancel' }],
    ['{"type":"deadline","remainingMs":-5}', { type: 'deadline', remainingMs: 0 }],
    ['{"type":"deadline","remainingMs":1e15}', { type: 'deadline', remainingMs: 2_147_483_647 }],
    ['{"type":"drain","reason":"pod","remainingMs":7}', { type: 'drain', reason: 'pod', remainingMs: 7 }],
    ['{"type":"deadline","remainingMs":1e999}', undefined],
    ['{"type":"drain","reason":"x","remainingMs":7}', undefined],
    ['{"type":"hello","epoch":"1","state":"ready","pod":"running"}', undefined],
    ['{"type":"later"}', undefined],
    ['"drain"', undefined],
    ['null', undefined],
    ['{', undefined],
  ])('%s', (line, event) => {
    expect(streamEventOf(line)).toEqual(event);
  });
});

const report = (errors: number, message: string): ShutdownReport => ({
  reason: 'r'.repeat(1_000),
  verdict: 'failed',
  exitCode: 1,
  startedAt: '2026-11-21T10:00:00.000Z',
  durationMs: 1,
  states: [],
  requests: { inFlightAtStart: 0, servedInLameDuck: 0, served: 0, dropped: 0 },
  connections: { told: 0, idle: 0, client: 0, forced: 0 },
  traffic: { connections: 0, lastConnectionMs: 0, lastRequestMs: 0 },
  drainables: [],
  hooks: [],
  errors: Array.from({ length: errors }, () => ({ name: 'Error', message, from: 'x' })),
  furtherSignals: [],
  heldBy: [],
});

describe('a farewell', () => {
  it('is the report, where there is room', () => {
    const { reason, ...rest } = report(2, 'no');
    expect(farewellOf(report(2, 'no'))).toEqual({ ...rest, reason: reason.slice(0, 256) });
  });

  it.each([
    [100, 'ü'.repeat(10_000)],
    [1, '\0'.repeat(100_000)],
  ])('of %i long errors is told shorter, and is one that a companion takes', (errors, message) => {
    const told = farewellOf(report(errors, message));
    expect(told).toMatchObject({ verdict: 'failed', exitCode: 1, shortened: true });
    const body = { report: told };
    expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThanOrEqual(limits.bodyBytes);
    expect(farewellOnTheWire(body)).toEqual(told);
  });
});
