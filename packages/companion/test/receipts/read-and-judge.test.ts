import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgeReceipts } from '../../src/receipts/judge-receipts.js';
import { readReceipts } from '../../src/receipts/read-receipts.js';
import type { DrainReceipt } from '../../src/receipts/receipt.js';
import { quietBook, seen, temporaryFolder } from './support/departures.js';

/** `count` clean departures of one pod. */
function receipts(count: number): DrainReceipt[] {
  const { book } = quietBook();
  return Array.from({ length: count }, (_, index) => book.write(seen({ instance: `i${index}` })));
}

function file(...lines: string[]): string {
  const path = join(temporaryFolder(), 'log');
  writeFileSync(path, lines.join('\n'));
  return path;
}

const text = (receipt: DrainReceipt) => JSON.stringify(receipt);

const codes = (found: Parameters<typeof judgeReceipts>[0], instances?: number) =>
  judgeReceipts(found, instances === undefined ? {} : { instances }).findings.map(({ code }) => code);

describe('receipts are found', () => {
  const [one, two, three] = receipts(3) as [DrainReceipt, DrainReceipt, DrainReceipt];

  it.each([
    ['in a file', [text(one), text(two), '']],
    ['among other lines', ['hello', '{"level":30,"msg":"up"}', text(one), '', '\0\x1b[31m', text(two), '{']],
    [
      'after what kubectl logs --timestamps --prefix puts first',
      [
        `[pod/orders-7f9c-x2x/companion] 2026-11-21T10:00:07.400123456Z ${text(one)}`,
        `2026-11-21T10:00:08Z ${text(two)}`,
      ],
    ],
    ['with carriage returns', [`${text(one)}\r`, `${text(two)}\r`]],
    [
      'in the files of Docker, as a string',
      [
        JSON.stringify({ log: `${text(one)}\n`, stream: 'stdout', time: '2026-11-21T10:00:08Z' }),
        JSON.stringify({ kubernetes: { pod: 'x' }, log: text(two) }),
      ],
    ],
    [
      'parsed by a collector, with its keys in another order',
      [JSON.stringify({ ts: 1, receipt: Object.fromEntries(Object.entries(one).toReversed()) }), text(two)],
    ],
    ['more than once', [text(two), text(one), text(one)]],
  ])('%s', async (_where, lines) => {
    const found = await readReceipts([file(...lines)]);
    expect(found).toEqual({ receipts: [one, two], damaged: [] });
    expect(judgeReceipts(found, { instances: 2 })).toMatchObject({ ok: true, clean: 2, findings: [] });
  });

  it('in several files, as one chain', async () => {
    const found = await readReceipts([file(text(three)), file(text(two), text(one))]);
    expect(judgeReceipts(found)).toMatchObject({ ok: true, instances: 3 });
  });

  it('whole, though a line was cut; a cut line without its whole is damage', async () => {
    const cut = text(two).slice(0, 300);
    expect((await readReceipts([file(text(one), cut), file(text(two))])).damaged).toEqual([]);
    const log = file(text(one), cut);
    const found = await readReceipts([log]);
    expect(found).toEqual({ receipts: [one], damaged: [{ file: log, line: 2, why: 'it was cut' }] });
    expect(codes(found)).toEqual(['damaged']);
  });

  it.each([
    [{ ...one, version: 2 }, 'expected version 1, got 2'],
    [
      { ...one, verdict: 'fine' },
      'expected `verdict` to be one of clean, forced, disputed, unknown, dropped',
    ],
    [{ ...one, seq: 0 }, 'expected `seq` to be a whole number from 1 on'],
    [{ ...one, exit: null }, 'expected `exit.how` to be one of bye, eof, deadline, never-registered'],
    [{ ...one, pod: undefined }, 'expected `pod` to be text'],
    [{ ...one, dropped: -1 }, 'expected `dropped` to be a whole number'],
  ])('not where there is none that can be judged', async (wrong, why) => {
    const found = await readReceipts([file(JSON.stringify(wrong))]);
    expect(found).toMatchObject({ receipts: [], damaged: [{ line: 1, why }] });
    expect(codes(found)).toEqual(['none', 'damaged']);
  });

  it('nowhere, with an error, where a file cannot be read', async () => {
    await expect(readReceipts(['/does/not/exist'])).rejects.toMatchObject({
      code: 'ERR_COMPANION_RECEIPTS',
      message: expect.stringContaining(
        'Expected to read receipts from /does/not/exist, got ENOENT',
      ) as string,
    });
    await expect(readReceipts(['/tmp'])).rejects.toMatchObject({ code: 'ERR_COMPANION_RECEIPTS' });
    await expect(readReceipts('receipts')).rejects.toMatchObject({ code: 'ERR_COMPANION_OPTION' });
    await expect(readReceipts([''])).rejects.toMatchObject({ code: 'ERR_COMPANION_OPTION' });
  });
});

describe('receipts are judged', () => {
  const [one, two, three] = receipts(3) as [DrainReceipt, DrainReceipt, DrainReceipt];

  it('good: as many as there were departures, all clean, none missing', () => {
    expect(judgeReceipts({ receipts: [three, one, two] }, { instances: 3 })).toEqual({
      ok: true,
      instances: 3,
      clean: 3,
      verdicts: { clean: 3, forced: 0, disputed: 0, unknown: 0, dropped: 0 },
      findings: [],
    });
  });

  it('by their number', () => {
    expect(codes({ receipts: [] })).toEqual(['none']);
    expect(codes({ receipts: [one] }, 2)).toEqual(['too-few']);
    expect(codes({ receipts: [one, two] }, 1)).toEqual(['too-many']);
  });

  it('by their verdicts, each with its reason', () => {
    const { book } = quietBook();
    book.write(seen({ exit: { how: 'eof', afterMs: 1 }, inFlightAtClose: 2, farewell: undefined as never }));
    book.write(
      seen({
        exit: { how: 'deadline', afterMs: 1 },
        farewell: { verdict: 'forced', requests: { dropped: 0 } },
      }),
    );
    book.write(seen({ exit: { how: 'never-registered', afterMs: 1 }, farewell: undefined as never }));
    const judged = judgeReceipts({ receipts: book.receipts });
    expect(judged).toMatchObject({ ok: false, clean: 0, verdicts: { dropped: 1, forced: 1, unknown: 1 } });
    expect(judged.findings.map(({ message }) => message)).toEqual([
      'orders (receipt 1 of orders-7f9c-x2x): dropped: it dropped 2 requests',
      'orders (receipt 2 of orders-7f9c-x2x): forced: it was still there at its deadline',
      'orders (receipt 3 of orders-7f9c-x2x): unknown: it never registered',
    ]);
  });

  it('by the chain: one that is missing, changed, or there in two versions', () => {
    expect(codes({ receipts: [one, three] })).toEqual(['missing']);
    expect(codes({ receipts: [two, three] })).toEqual(['missing']);
    expect(codes({ receipts: [one, { ...two, dropped: 0, served: 1 }, three] })).toEqual(['changed']);
    expect(codes({ receipts: [one, two, { ...two, served: 1 }] })).toEqual(['changed']);
    const { book } = quietBook();
    book.write(seen({ instance: 'i0' }));
    const fork = book.write(seen({ instance: 'another' }));
    expect(codes({ receipts: [one, two, fork] })).toEqual(['fork']);
  });

  it('with a chain for each pod, and for each start of a companion that could not go on', () => {
    const again = quietBook().book.write(seen({ epoch: 2, instance: 'i9' }));
    const other = quietBook().book.write(seen({ pod: 'orders-7f9c-abc', podUid: 'u2' }));
    expect(judgeReceipts({ receipts: [one, two, again, other] }, { instances: 4 })).toMatchObject({
      ok: true,
    });
  });

  it('not with an expectation that is none', () => {
    expect(() => judgeReceipts({ receipts: [] }, { instances: 0 })).toThrow(
      '`instances` to be a whole number from 1 on',
    );
    expect(() => judgeReceipts({ receipts: [] }, { count: 1 } as never)).toThrow(
      'no other keys than instances',
    );
  });
});
