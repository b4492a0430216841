import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ReceiptBook } from '../../src/receipts/receipt-book.js';
import { judgeReceipts } from '../../src/receipts/judge-receipts.js';
import { readReceipts } from '../../src/receipts/read-receipts.js';
import { canonical, isSealed } from '../../src/receipts/seal.js';
import { quietBook, seen, temporaryFolder } from './support/departures.js';

describe('a book of receipts', () => {
  it('numbers them, and seals each with the hash of the one before', () => {
    const { book } = quietBook();
    const [first, second] = [book.write(seen()), book.write(seen({ instance: 'i2' }))];
    expect(first).toMatchObject({ seq: 1, previous: '' });
    expect(second).toMatchObject({ seq: 2, previous: first.hash });
    expect([first, second].every(isSealed)).toBe(true);
    expect(isSealed({ ...first, served: first.served + 1 })).toBe(false);
    expect(book.receipts).toEqual([first, second]);
  });

  it('hashes what RFC 8785 writes: the order of keys says nothing', () => {
    expect(canonical({ b: [1, { d: null, c: 'é' }], a: 1e21, '': true })).toBe(
      '{"":true,"a":1e+21,"b":[1,{"c":"é","d":null}]}',
    );
    const receipt = quietBook().book.write(seen());
    const shuffled = Object.fromEntries(Object.entries(receipt).toReversed()) as typeof receipt;
    expect(isSealed(shuffled)).toBe(true);
  });

  it('is one line in the log for each', () => {
    const lines: string[] = [];
    const book = new ReceiptBook({ log: (line) => void lines.push(line) });
    const farewell = { requests: { dropped: 0 }, note: 'two\nlines' };
    const receipt = book.write(seen({ farewell }));
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('\n');
    expect(JSON.parse(lines[0] ?? '')).toEqual(receipt);
  });

  it('goes on from what stands in its file, also after a line that was cut', async () => {
    const file = join(temporaryFolder(), 'receipts.ndjson');
    const first = quietBook({ file }).book.write(seen());
    appendFileSync(file, JSON.stringify(first).slice(0, 200));
    const { book, errors } = quietBook({ file });
    const second = book.write(seen({ instance: 'i2', epoch: 2 }));
    expect(errors).toEqual([]);
    expect(second).toMatchObject({ seq: 2, previous: first.hash });
    const read = await readReceipts([file]);
    expect(read).toEqual({ receipts: [first, second], damaged: [] });
    expect(judgeReceipts(read, { instances: 2 })).toMatchObject({ ok: true });
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  it('keeps a chain for each pod that shares its file', () => {
    const file = join(temporaryFolder(), 'receipts.ndjson');
    const other = { pod: 'orders-7f9c-abc', podUid: 'u2' };
    quietBook({ file }).book.write(seen());
    expect(quietBook({ file }).book.write(seen(other))).toMatchObject({ seq: 1, previous: '' });
    expect(quietBook({ file }).book.write(seen())).toMatchObject({ seq: 2 });
  });

  it('goes on in a new file when somebody has moved the old one away', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'receipts.ndjson');
    const { book } = quietBook({ file });
    book.write(seen());
    renameSync(file, `${file}.1`);
    book.write(seen({ instance: 'i2' }));
    expect(judgeReceipts(await readReceipts([file, `${file}.1`]), { instances: 2 })).toMatchObject({
      ok: true,
    });
  });

  it('does not go on from a receipt that somebody has changed', () => {
    const file = join(temporaryFolder(), 'receipts.ndjson');
    const first = quietBook().book.write(seen());
    writeFileSync(file, `${JSON.stringify({ ...first, seq: 9_007_199_254_740_991 })}\n`);
    expect(quietBook({ file }).book.write(seen())).toMatchObject({ seq: 1, previous: '' });
  });

  it('goes on without what it cannot write to, and says so', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'is-a-folder'));
    writeFileSync(join(folder, 'target'), 'precious');
    symlinkSync(join(folder, 'target'), join(folder, 'link'));
    const { book, errors } = quietBook({
      file: join(folder, 'is-a-folder'),
      terminationLog: join(folder, 'link'),
      log: () => {
        throw new Error('nobody reads it');
      },
    });
    expect(book.write(seen())).toMatchObject({ seq: 1, verdict: 'clean' });
    expect(errors.map((error) => error.split(':')[0])).toEqual([
      join(folder, 'is-a-folder'),
      'the log',
      'the file',
      'the termination log',
    ]);
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('precious');
    expect(quietBook({ file: '/dev/full' }).errors).toEqual([
      '/dev/full: Expected /dev/full to be a plain file, got something else (a device, a pipe, a folder)',
    ]);
  });

  it('keeps 256 at hand, and the code of all', () => {
    const { book } = quietBook();
    book.write(seen({ farewell: { verdict: 'forced', requests: { dropped: 0 } } }));
    for (let written = 0; written < 300; written++) book.write(seen());
    expect(book.receipts).toHaveLength(256);
    expect(book.receipts.at(-1)).toMatchObject({ seq: 301 });
    expect(book.exitCode).toBe(64);
    expect(quietBook().book.exitCode).toBe(0);
  });

  it.each([
    [{ file: '' }, '`file` of receipts to be a path'],
    [{ terminationLog: true }, '`terminationLog` of receipts to be a path or false'],
    [{ log: 'stdout' }, '`log` of receipts to be a function or false'],
    [{ onError: 1 }, '`onError` of receipts to be a function'],
    [{ path: '/x' }, 'the options of receipts to have no other keys'],
  ])('refuses %j', (options, expected) => {
    expect(() => new ReceiptBook(options as never)).toThrow(expected);
  });
});

/** What is in a termination log after `count` departures. */
const terminated = (count: number, told: (index: number) => Parameters<typeof seen>[0]) => {
  const path = join(temporaryFolder(), 'termination-log');
  // The kubelet makes it.
  writeFileSync(path, 'x'.repeat(5_000));
  const { book, errors } = quietBook({ terminationLog: path });
  const receipts = Array.from({ length: count }, (_, index) => book.write(seen(told(index))));
  expect(errors).toEqual([]);
  const text = readFileSync(path, 'utf8');
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_096);
  const lines = text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { path, receipts, lines };
};

describe('a termination log', () => {
  it('holds a receipt whole where there is room', () => {
    const { receipts, lines } = terminated(1, () => ({}));
    expect(lines).toEqual(receipts);
  });

  it('leaves the report out first, then all that is not judged by', async () => {
    const farewell = { verdict: 'clean', requests: { dropped: 0 }, errors: ['ü'.repeat(3_000)] } as const;
    const one = terminated(1, () => ({ farewell }));
    const { report, ...rest } = one.receipts[0] as (typeof one.receipts)[number];
    expect(report).toBeDefined();
    expect(one.lines).toEqual([{ ...rest, shortened: true }]);
    const five = terminated(5, (index) => ({ farewell, instance: `i${index}` }));
    expect(five.lines).toHaveLength(5);
    expect(judgeReceipts(await readReceipts([five.path]), { instances: 5 })).toMatchObject({ ok: true });
  });

  it('leaves the oldest clean ones out last, and says how many', () => {
    const bad = {
      exit: { how: 'eof', afterMs: 1 },
      inFlightAtClose: 1,
      farewell: undefined as never,
    } as const;
    const { lines } = terminated(60, (index) => (index === 3 ? bad : { name: 'ö'.repeat(63) }));
    const omitted = lines.at(-1);
    const seqs = lines.slice(0, -1).map(({ seq }) => seq);
    expect(omitted).toEqual({ kind: 'graceful.receipts-omitted', version: 1, count: 60 - seqs.length });
    expect(seqs[0]).toBe(4);
    expect(seqs.slice(1)).toEqual(
      Array.from({ length: seqs.length - 1 }, (_, index) => 62 - seqs.length + index),
    );
  });

  it('is not made where Kubernetes has made none', () => {
    const path = join(temporaryFolder(), 'termination-log');
    const { book, errors } = quietBook({ terminationLog: path });
    book.write(seen());
    expect(errors).toEqual([]);
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });
});
