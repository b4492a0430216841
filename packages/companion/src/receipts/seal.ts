import { createHash } from 'node:crypto';
import type { DrainReceipt, ReceiptBody } from './receipt.js';

/** Enter `body` into the chain as number `seq`, after the receipt whose hash is `previous`. */
export function sealed(body: ReceiptBody, seq: number, previous: string): DrainReceipt {
  const { kind, version, pod, ...rest } = body;
  // What tells a receipt from any other line, and which it is, stands first: for people, and for a line that was cut.
  const unsealed = { kind, version, seq, pod, ...rest, previous };
  return { ...unsealed, hash: hashOf(unsealed) };
}

/** Whether `receipt` is as it was sealed. */
export function isSealed(receipt: DrainReceipt): boolean {
  const { hash, ...unsealed } = receipt;
  return hashOf(unsealed) === hash;
}

function hashOf(unsealed: Omit<DrainReceipt, 'hash'>): string {
  return createHash('sha256').update(canonical(unsealed)).digest('hex');
}

/**
 * JSON as RFC 8785 (JSON Canonicalization Scheme) writes it: keys in the
 * order of their UTF-16 code units, no white space. A collector of logs may
 * parse a line and write it anew, in another order: the hash stays the same.
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    // Not by locale: by code units, which is what `<` compares.
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}
