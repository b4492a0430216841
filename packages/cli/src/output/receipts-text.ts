import type { DrainReceipt, ReceiptsJudgement } from '@graceful/companion/receipts';
import { duration } from './duration.js';
import { printable } from './printable.js';
import { table } from './table.js';

const columns = [
  { heading: 'began' },
  { heading: 'instance' },
  { heading: 'pod' },
  { heading: 'reason' },
  { heading: 'verdict' },
  { heading: 'ended' },
  { heading: 'after', right: true },
  { heading: 'served', right: true },
  { heading: 'dropped', right: true },
  { heading: 'late', right: true },
] as const;

/** Receipts for people: a line for each departure. */
export function receiptsText(receipts: readonly DrainReceipt[]): string {
  if (receipts.length === 0) return '';
  const rows = receipts.map((receipt) => {
    const { startedAt, name, pod, reason, verdict, exit, served, dropped, lateArrivals } = receipt;
    return [
      startedAt,
      name,
      pod || '-',
      reason,
      verdict,
      exit.how,
      duration(exit.afterMs),
      String(served),
      String(dropped),
      // Left out of one that was shortened for a termination log.
      String((lateArrivals as number | undefined) ?? '-'),
    ].map(printable);
  });
  return table(columns, rows)
    .map((line) => `${line}\n`)
    .join('');
}

/** What speaks against them, a line each, and what they come to. */
export function judgementText({ ok, instances, clean, findings }: ReceiptsJudgement): string {
  const lines = findings.map(({ code, message }) => `receipts: ${code}: ${printable(message)}\n`);
  const sum = `${instances} ${instances === 1 ? 'departure' : 'departures'}, ${clean} clean`;
  return `${lines.join('')}receipts ${ok ? 'are in order' : 'are not in order'}: ${sum}\n`;
}
