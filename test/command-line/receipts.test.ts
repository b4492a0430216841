import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ReceiptBook, type SeenDeparture } from '@graceful/companion/receipts';
import { start, testFolder } from '../src/command-line/place.js';
import { graceful } from '../src/command-line/program.js';

const departure: SeenDeparture = {
  pod: 'orders-7d9c5',
  podUid: '0b7e4a57-5d0c-4d3a-8f5e-1f6f0b0c2a11',
  container: 'orders',
  instance: 'a1',
  name: 'orders',
  epoch: 1,
  reason: 'pod',
  exit: { how: 'bye', afterMs: 5_120 },
  startedAt: '2026-11-21T17:10:03.000Z',
  endedAt: '2026-11-21T17:10:08.120Z',
  lameDuckMs: 5_000,
  lastArrivalMs: 1_870,
  lateArrivals: 0,
  inFlightAtClose: 0,
  maxInFlight: 12,
  served: 1_204,
  sockets: { established: 0, listening: 0, busy: 0 },
  deadlineSlackMs: 21_880,
  farewell: { verdict: 'clean', exitCode: 0, requests: { served: 1_204, dropped: 0 } },
};

const killed: SeenDeparture = {
  ...departure,
  name: 'cart',
  instance: 'a2',
  exit: { how: 'eof', afterMs: 900 },
  inFlightAtClose: 2,
};
delete (killed as { farewell?: unknown }).farewell;

/** A file of receipts, as a companion writes it. */
function written(...departures: readonly SeenDeparture[]): string {
  const file = join(testFolder(), 'receipts.ndjson');
  const book = new ReceiptBook({ file, log: false });
  for (const seen of departures) book.write(seen);
  return file;
}

describe('graceful receipts', () => {
  it('shows each departure, and ends with 0 when all were clean', async () => {
    const { code, out, err } = await graceful([
      'receipts',
      written(departure, { ...departure, instance: 'a2' }),
    ]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n')).toEqual([
      'began                     instance  pod           reason  verdict  ended  after  served  dropped  late',
      '2026-11-21T17:10:03.000Z  orders    orders-7d9c5  pod     clean    bye    5.1 s    1204        0     0',
      '2026-11-21T17:10:03.000Z  orders    orders-7d9c5  pod     clean    bye    5.1 s    1204        0     0',
      'receipts are in order: 2 departures, 2 clean',
      '',
    ]);
  });

  it('ends with 1 when one was not, and says which, and why', async () => {
    const { code, out, err } = await graceful(['receipts', written(departure, killed)]);
    expect(code).toBe(1);
    expect(out).toMatch(/^2026-\S+ {2}cart .* dropped {2}eof {4}900 ms +1204 +2 +0$/m);
    expect(err.split('\n')).toEqual([
      'receipts: not-clean: cart (receipt 2 of orders-7d9c5): dropped: it dropped 2 requests',
      'receipts are not in order: 2 departures, 1 clean',
      '',
    ]);
  });

  it('knows how many there must be', async () => {
    const file = written(departure, { ...departure, instance: 'a2' });
    expect(await graceful(['receipts', file, '--instances', '2'])).toMatchObject({ code: 0 });
    expect(await graceful(['receipts', file, '--instances', '3'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('receipts: too-few: expected receipts of 3 departures, got 2\n'),
    });
    expect(await graceful(['receipts', file, '--instances', '1'])).toMatchObject({ code: 1 });
    const nothing = join(testFolder(), 'log');
    writeFileSync(nothing, 'nobody left\n');
    expect(await graceful(['receipts', nothing])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('receipts: none: there is no receipt'),
    });
  });

  it('finds them in a log that is piped, between the lines of others', async () => {
    const lines = readFileSync(written(departure), 'utf8');
    const program = start(['receipts', '-', '--instances', '1']);
    program.child.stdin?.end(
      `graceful: listening\n[pod/orders-7d9c5/companion] ${lines}{"level":30,"msg":"bye"}\n`,
    );
    expect(await program.ended()).toMatchObject({ code: 0, err: '' });
  });

  it('sees what was changed, and what was cut', async () => {
    const text = readFileSync(written(departure, killed), 'utf8');
    const file = join(testFolder(), 'forged.ndjson');
    writeFileSync(
      file,
      text.replaceAll('"dropped":2', '"dropped":0').replace('"verdict":"dropped"', '"verdict":"clean"'),
    );
    expect(await graceful(['receipts', file])).toMatchObject({
      code: 1,
      err: expect.stringContaining('receipts: changed: cart (receipt 2 of orders-7d9c5)'),
    });
    writeFileSync(file, text.slice(0, -20));
    expect(await graceful(['receipts', file])).toMatchObject({
      code: 1,
      err: expect.stringContaining(`receipts: damaged: line 2 of ${file} `),
    });
  });

  it('tells programs all of it, in one object', async () => {
    const { code, out, err } = await graceful(['receipts', written(departure, killed), '--json']);
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      instances: 2,
      clean: 1,
      verdicts: { clean: 1, dropped: 1 },
      findings: [{ code: 'not-clean', pod: 'orders-7d9c5', seq: 2 }],
      receipts: [
        { name: 'orders', verdict: 'clean' },
        { name: 'cart', verdict: 'dropped' },
      ],
    });
  });

  it('ends with 2 where it is not asked in order', async () => {
    const nowhere = join(testFolder(), 'nowhere');
    expect(await graceful(['receipts', nowhere])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/^receipts refused \(ERR_COMPANION_RECEIPTS\): .*nowhere/),
    });
    for (const [args, message] of [
      [[], "missing required argument 'file'"],
      [['x', '--instances', '0'], 'Expected a whole number from 1, got "0".'],
    ] as const) {
      const { code, out, err } = await graceful(['receipts', ...args]);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toContain(message);
    }
  });

  it('gives a terminal nothing to obey, whatever an instance calls itself', async () => {
    const evil = '\u001B]0;title\u0007\u001B[2J';
    const file = written({ ...killed, name: evil, pod: evil, reason: evil });
    for (const more of [[], ['--json']]) {
      const { out, err } = await graceful(['receipts', file, ...more]);
      expect((out + err).match(/[^\n\P{Cc}]/gu) ?? []).toEqual([]);
    }
  });
});
