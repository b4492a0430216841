import { describe, expect, it } from 'vitest';
import { jsonOf } from '../../src/protocol/json.js';
import { Lines } from '../../src/protocol/lines.js';
import { Refused } from '../../src/protocol/refused.js';
import { drainOf, farewellOf, registrationOf, updateOf } from '../../src/protocol/requests.js';
import { limits } from '../../src/protocol/wire.js';

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof Refused) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

describe('what a client says', () => {
  it('is taken as it is, where it is as it should be', () => {
    const registration = {
      name: 'orders',
      pid: 7,
      container: 'app',
      ports: [3000],
      budgets: { delayMs: 0, requestsMs: 1, hooksMs: 2 },
      after: ['nginx'],
      id: 'a',
      token: 'b',
    };
    expect(registrationOf({ ...registration, version: 1 })).toEqual(registration);
    const update = {
      ready: true,
      reason: 'x',
      state: 'lame-duck',
      inFlight: 1,
      served: 2,
      lastArrivalMs: 0.5,
    };
    expect(updateOf(update)).toEqual(update);
    expect(updateOf({})).toEqual({});
    expect(drainOf({ reason: 'operator', deadlineMs: 5, scope: 'a' })).toEqual({
      reason: 'operator',
      deadlineMs: 5,
      scope: 'a',
    });
    const report = { verdict: 'clean', anything: { else: [1] }, requests: { dropped: 0, more: 'x' } };
    expect(farewellOf({ report })).toEqual(report);
  });

  it.each([
    [
      {},
      'invalid: expected `name` to be 1 to 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends, got nothing',
    ],
    [[], 'invalid: expected the registration to be a JSON object, got an array of 0'],
    [null, 'invalid: expected the registration to be a JSON object, got null'],
    [{ name: '../etc' }, 'invalid: expected `name` to be 1 to 63 letters'],
    [{ name: 'x'.repeat(64) }, 'invalid: expected `name` to be 1 to 63 letters'],
    [{ name: 'a', nmae: 'b' }, 'invalid: expected the registration to have no other fields than name, pid,'],
    [{ name: 'a', pid: -1 }, 'invalid: expected `pid` to be a whole number from 0 on, got -1'],
    [{ name: 'a', ports: [0] }, 'invalid: expected `ports[0]` to be a port from 1 to 65535, got 0'],
    [
      { name: 'a', ports: Array(17).fill(1) },
      'invalid: expected `ports` to be an array of at most 16, got an array of 17',
    ],
    [
      { name: 'a', budgets: { delayMs: 1 } },
      'invalid: expected `budgets.requestsMs` to be a number of milliseconds',
    ],
    [{ name: 'a', after: 'b' }, 'invalid: expected `after` to be an array of at most 32, got "b"'],
    [
      { name: 'a', version: 2 },
      'invalid: expected `version` to be 1, which is what this companion speaks, got 2',
    ],
    [
      { name: 'a', id: 'b' },
      'invalid: expected `id` and `token` of the earlier registration to come together, got "id"',
    ],
    [
      { name: 'a', __proto__: undefined, constructor: 1 },
      'invalid: expected the registration to have no other fields',
    ],
  ])('is refused as a registration: %j', (body, message) => {
    expect(messageOf(() => registrationOf(body))).toContain(message);
  });

  it.each([
    [{ ready: 'yes' }, 'expected `ready` to be true or false, got "yes"'],
    [{ state: 'ready' }, 'expected `state` to be one of lame-duck, draining, closing, got "ready"'],
    [{ inFlight: 1.5 }, 'expected `inFlight` to be a whole number from 0 on, got 1.5'],
    [{ inFlight: Infinity }, 'expected `inFlight` to be a whole number from 0 on'],
    [{ reason: 'x'.repeat(257) }, 'expected `reason` to be text of at most 256 characters'],
    [{ lastArrivalMs: -1 }, 'expected `lastArrivalMs` to be a number of milliseconds'],
    ['ready', 'expected the update to be a JSON object, got "ready"'],
  ])('is refused as an update: %j', (body, message) => {
    expect(messageOf(() => updateOf(body))).toContain(message);
  });

  it.each([
    [{}, 'expected `report` to be a JSON object, got nothing'],
    [
      { report: { verdict: 'fine' } },
      'expected `report.verdict` to be one of clean, forced, failed, got "fine"',
    ],
    [
      { report: { requests: { dropped: -1 } } },
      'expected `report.requests.dropped` to be a whole number from 0 on',
    ],
  ])('is refused as a farewell: %j', (body, message) => {
    expect(messageOf(() => farewellOf(body))).toContain(message);
  });

  it('is shown short where it is refused', () => {
    expect(messageOf(() => drainOf({ reason: 'x'.repeat(10_000) })).length).toBeLessThan(160);
    expect(messageOf(() => jsonOf('the body', '{'.repeat(60_000))).length).toBeLessThan(300);
  });
});

describe('lines of a body', () => {
  it('are whole, however they come', () => {
    const lines = new Lines();
    const text = Buffer.from('{"a":"ü"}\n{"b":1}\n{"c"');
    const got = [...text].flatMap((byte) => lines.push(Buffer.from([byte])));
    expect(got).toEqual(['{"a":"ü"}', '{"b":1}']);
    expect(lines.rest()).toBe('{"c"');
  });

  it('are refused when they are too long, before their end has come', () => {
    const lines = new Lines();
    expect(lines.push(Buffer.alloc(limits.lineBytes, 'x'))).toEqual([]);
    expect(messageOf(() => lines.push(Buffer.from('x')))).toContain('too-large');
    // In bytes, not in characters.
    expect(messageOf(() => new Lines().push(Buffer.from('ü'.repeat(limits.lineBytes / 2 + 1))))).toContain(
      'too-large',
    );
  });
});
