import { createReadStream } from 'node:fs';
import { CompanionError } from '../companion-error.js';
import { wrong } from '../options.js';
import { readLine } from './lines.js';
import type { DrainReceipt } from './receipt.js';

/** A line that should be a receipt and is none. */
export interface DamagedLine {
  /** As it was given. */
  readonly file: string;
  /** From 1 on. */
  readonly line: number;
  /** What is wrong with it. */
  readonly why: string;
}

/** What was found in files. */
export interface ReadReceipts {
  /** Each once, however often it was found; in the order of the departures. */
  readonly receipts: readonly DrainReceipt[];
  /** Lines that should be receipts and are none. */
  readonly damaged: readonly DamagedLine[];
}

/**
 * Find the receipts in files: those that a companion has written, logs of its
 * container as `kubectl logs` and collectors give them, and termination logs.
 * Other lines are passed over. A line that was cut is damage, unless the same
 * receipt is found whole.
 *
 * @param files - paths; `-` is the standard input
 * @throws CompanionError `ERR_COMPANION_RECEIPTS` when a file cannot be read, `ERR_COMPANION_OPTION`
 */
export async function readReceipts(files: Iterable<string>): Promise<ReadReceipts> {
  if (typeof files === 'string') throw wrong('the files of receipts to be an array of paths', files);
  const found = new Map<string, DrainReceipt>();
  const damaged: DamagedLine[] = [];
  const cut: (DamagedLine & { readonly text: string })[] = [];
  for (const file of files) {
    if (typeof file !== 'string' || file === '')
      throw wrong('each file of receipts to be a path, or -', file);
    let number = 0;
    for await (const line of linesOf(file)) {
      number += 1;
      const read = readLine(line);
      if (read.type === 'receipt') keep(found, read.receipt);
      if (read.type === 'wrong') damaged.push({ file, line: number, why: read.why });
      if (read.type === 'cut') cut.push({ file, line: number, why: 'it was cut', text: read.text });
    }
  }
  const receipts = [...found.values()].toSorted(byDeparture);
  const whole = cut.length === 0 ? [] : receipts.map((receipt) => JSON.stringify(receipt));
  for (const { text, ...line } of cut) {
    if (!whole.some((receipt) => receipt.startsWith(text))) damaged.push(line);
  }
  return { receipts, damaged };
}

/** A log and a file hold the same ones; of one that is told shorter elsewhere, the whole. */
function keep(found: Map<string, DrainReceipt>, receipt: DrainReceipt): void {
  // One that was changed keeps its hash: it is another, and is to be seen.
  const key = receipt.shortened ? receipt.hash : `${receipt.hash} ${JSON.stringify(receipt)}`;
  if (receipt.shortened) {
    if (![...found.values()].some(({ hash }) => hash === receipt.hash)) found.set(key, receipt);
    return;
  }
  found.delete(receipt.hash);
  found.set(key, receipt);
}

function byDeparture(a: DrainReceipt, b: DrainReceipt): number {
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? -1 : 1;
  return a.seq - b.seq;
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const stdin = file === '-';
  const stream = stdin ? createReadStream('', { fd: 0, autoClose: false }) : createReadStream(file);
  stream.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of stream as AsyncIterable<string>) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    throw new CompanionError(
      'ERR_COMPANION_RECEIPTS',
      `Expected to read receipts from ${stdin ? 'the standard input' : file}, got ${(error as Error).message}.`,
      { cause: error },
    );
  }
  if (rest !== '') yield rest;
}
