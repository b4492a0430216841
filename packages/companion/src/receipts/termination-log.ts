import type { DrainReceipt } from './receipt.js';

/** Kubernetes keeps no more of a container's last message (`MaxContainerTerminationMessageLength`), in bytes. */
const terminationLogBytes = 4_096;

/** How much of a text is kept where room is short, in characters. */
const shortText = 64;

/**
 * What is written for Kubernetes to show as a container's last message: a line
 * of JSON for each receipt, at most {@link terminationLogBytes} bytes in all. Where
 * they do not fit, they are told shorter; then the oldest clean ones are left
 * out, and a last line says how many. A shortened receipt says so, for its
 * hash is that of the whole one.
 */
export function terminationMessage(receipts: readonly DrainReceipt[]): string {
  for (const told of [whole, withoutReport, short]) {
    const message = text(receipts.map(told));
    if (fits(message)) return message;
  }
  return newestAndWorst(receipts);
}

function newestAndWorst(receipts: readonly DrainReceipt[]): string {
  // What went wrong is what is looked for; of the rest, the latest.
  const byWorth = receipts.toSorted(
    (a, b) => Number(b.verdict !== 'clean') - Number(a.verdict !== 'clean') || b.seq - a.seq,
  );
  const kept: DrainReceipt[] = [];
  for (const receipt of byWorth) {
    const next = [...kept, receipt].toSorted((a, b) => a.seq - b.seq);
    if (!fits(omitting(next, receipts.length - next.length))) break;
    kept.push(receipt);
  }
  kept.sort((a, b) => a.seq - b.seq);
  return omitting(kept, receipts.length - kept.length);
}

function omitting(kept: readonly DrainReceipt[], count: number): string {
  return text([...kept.map(short), { kind: 'graceful.receipts-omitted', version: 1, count }]);
}

function text(lines: readonly object[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function fits(message: string): boolean {
  return Buffer.byteLength(message) <= terminationLogBytes;
}

function whole(receipt: DrainReceipt): object {
  return receipt;
}

function withoutReport({ report, ...rest }: DrainReceipt): object {
  return report === undefined ? rest : { ...rest, shortened: true };
}

/** What is judged by: a departure, what it came to, and its place in the chain. */
function short(receipt: DrainReceipt): object {
  const { kind, version, seq, epoch, verdict, exit, startedAt, served, dropped, previous, hash } = receipt;
  const { pod, podUid, container, instance, name, reason } = receipt;
  const shortened = Object.fromEntries(
    Object.entries({ container, instance, name, reason }).map(([key, value]) => [
      key,
      value.slice(0, shortText),
    ]),
  );
  return {
    kind,
    version,
    seq,
    pod: pod.slice(0, longestPodName),
    podUid: podUid.slice(0, shortText),
    ...shortened,
    epoch,
    verdict,
    exit,
    startedAt,
    served,
    dropped,
    previous,
    hash,
    shortened: true,
  };
}

/** RFC 1123, as Kubernetes has it for the name of a pod. */
const longestPodName = 253;
