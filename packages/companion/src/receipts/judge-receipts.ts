import { wrong, knownKeys } from '../options.js';
import type { ReadReceipts } from './read-receipts.js';
import { type DrainReceipt, receiptVerdicts, type ReceiptVerdict } from './receipt.js';
import { isSealed } from './seal.js';

/** What is expected of receipts. */
export interface ExpectedReceipts {
  /**
   * How many departures there were.
   *
   * @defaultValue at least one
   */
  readonly instances?: number;
}

/** What speaks against the receipts. */
export interface ReceiptFinding {
  /**
   * `none`, `too-few`, `too-many`: not as many as there were departures.
   * `not-clean`: a departure that lost something, or of which nobody knows.
   * `changed`, `missing`, `fork`, `order`: the chain does not hold.
   * `damaged`: a line cannot be read.
   */
  readonly code:
    | 'none'
    | 'too-few'
    | 'too-many'
    | 'not-clean'
    | 'changed'
    | 'missing'
    | 'fork'
    | 'order'
    | 'damaged';
  /** For a person. */
  readonly message: string;
  /** Whose receipt it is about, where it is about one. */
  readonly pod?: string;
  /** The number of that receipt. */
  readonly seq?: number;
}

/** What receipts come to. */
export interface ReceiptsJudgement {
  /** All departures are there, all of them clean, and the chain holds. */
  readonly ok: boolean;
  /** Departures that there are receipts of. */
  readonly instances: number;
  /** Receipts that are clean. */
  readonly clean: number;
  /** How many there are of each. */
  readonly verdicts: Readonly<Record<ReceiptVerdict, number>>;
  /** Empty when `ok`. */
  readonly findings: readonly ReceiptFinding[];
}

/**
 * Judge receipts: as many as there were departures, all of them clean, and
 * none missing or changed since. The chain tells of mistakes and of losses; it
 * has no key, and so is no proof against somebody who writes all of it anew.
 *
 * @throws CompanionError `ERR_COMPANION_OPTION`
 */
export function judgeReceipts(
  read: Pick<ReadReceipts, 'receipts'> & Partial<ReadReceipts>,
  expected: ExpectedReceipts = {},
): ReceiptsJudgement {
  const instances = expectedInstances(expected);
  const { receipts, damaged = [] } = read;
  const verdicts = Object.fromEntries(receiptVerdicts.map((verdict) => [verdict, 0])) as Record<
    ReceiptVerdict,
    number
  >;
  for (const { verdict } of receipts) verdicts[verdict] += 1;
  const findings = [
    ...numberFindings(receipts.length, instances),
    ...receipts.flatMap(verdictFindings),
    ...[...byPod(receipts).values()].flatMap(chainFindings),
    ...damaged.map(
      ({ file, line, why }): ReceiptFinding => ({
        code: 'damaged',
        message: `line ${line} of ${file} is no receipt that can be read: ${why}`,
      }),
    ),
  ];
  return {
    ok: findings.length === 0,
    instances: receipts.length,
    clean: verdicts.clean,
    verdicts,
    findings,
  };
}

function expectedInstances(expected: ExpectedReceipts): number | undefined {
  knownKeys('what is expected of receipts', expected, ['instances']);
  const { instances } = expected;
  if (instances === undefined || (Number.isSafeInteger(instances) && instances > 0)) return instances;
  throw wrong('`instances` to be a whole number from 1 on', instances);
}

function numberFindings(there: number, expected: number | undefined): ReceiptFinding[] {
  if (there === 0) return [{ code: 'none', message: 'there is no receipt: nobody knows how anybody left' }];
  if (expected === undefined || there === expected) return [];
  const code = there < expected ? 'too-few' : 'too-many';
  return [{ code, message: `expected receipts of ${expected} departures, got ${there}` }];
}

function verdictFindings(receipt: DrainReceipt): ReceiptFinding[] {
  const { verdict, exit, dropped } = receipt;
  if (verdict === 'clean') return [];
  const message = {
    forced: exit.how === 'deadline' ? 'it was still there at its deadline' : 'it did not end as it should',
    dropped: `it dropped ${dropped} ${dropped === 1 ? 'request' : 'requests'}`,
    disputed: 'it says that it was clean, and the kernel says that a connection was in use',
    unknown: exit.how === 'never-registered' ? 'it never registered' : 'it left without a word',
  }[verdict];
  return [of(receipt, 'not-clean', `${verdict}: ${message}`)];
}

/** Each receipt names the one before it: followed from one to the next, whatever order they were found in. */
function chainFindings(receipts: readonly DrainReceipt[]): ReceiptFinding[] {
  const byHash = new Map(receipts.map((receipt) => [receipt.hash, receipt]));
  const followed = new Set<string>();
  return receipts.flatMap((receipt) => {
    const { seq, previous, shortened } = receipt;
    // The fields that are missing belong to what was hashed.
    if (!shortened && !isSealed(receipt))
      return [of(receipt, 'changed', 'it was changed after it was written: its hash is another')];
    if (previous === '') {
      return seq === 1 ? [] : [of(receipt, 'order', 'expected the first of a chain to have number 1')];
    }
    const before = byHash.get(previous);
    if (before === undefined) return [of(receipt, 'missing', 'the receipt before it is missing')];
    if (followed.has(previous)) return [of(receipt, 'fork', 'two receipts follow the same one')];
    followed.add(previous);
    if (before.seq + 1 !== seq)
      return [of(receipt, 'order', `expected number ${before.seq + 1} after ${before.seq}`)];
    return [];
  });
}

function byPod(receipts: readonly DrainReceipt[]): Map<string, DrainReceipt[]> {
  const pods = new Map<string, DrainReceipt[]>();
  for (const receipt of receipts) {
    const key = JSON.stringify([receipt.pod, receipt.podUid]);
    const those = pods.get(key);
    if (those) those.push(receipt);
    else pods.set(key, [receipt]);
  }
  return pods;
}

function of({ pod, name, seq }: DrainReceipt, code: ReceiptFinding['code'], message: string): ReceiptFinding {
  return { code, message: `${name} (receipt ${seq}${pod && ` of ${pod}`}): ${message}`, pod, seq };
}
