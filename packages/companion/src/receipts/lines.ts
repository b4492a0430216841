import { type DrainReceipt, exitWays, receiptVerdicts } from './receipt.js';

/** How each line of a receipt begins: this is how it is found in a log. */
const lineStart = '{"kind":"graceful.receipt",';

/** What a line of a log is. */
export type ReceiptLine =
  | { readonly type: 'receipt'; readonly receipt: DrainReceipt }
  /** Somebody else's. */
  | { readonly type: 'other' }
  /** It begins like a receipt and does not end like one: whoever wrote it was ended meanwhile. */
  | { readonly type: 'cut'; readonly text: string }
  /** It says that it is a receipt, and is none that can be read. */
  | { readonly type: 'wrong'; readonly why: string };

/**
 * Read a line of a log: the receipt as it was written, or after what
 * `kubectl logs --timestamps --prefix` and others put before it, or as a JSON
 * object of its own or in one, as collectors of logs wrap what they collect.
 */
export function readLine(line: string): ReceiptLine {
  // Most lines are others', and some of them long: looked at no closer.
  if (!line.includes('graceful.receipt')) return { type: 'other' };
  const at = line.indexOf(lineStart);
  const text = (at === -1 ? line : line.slice(at)).trimEnd();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return at === -1 ? { type: 'other' } : { type: 'cut', text };
  }
  return classify(parsed, 0);
}

/** How many objects deep, or strings of JSON in them, a collector may have wrapped a receipt. */
const mostWraps = 3;

function classify(value: unknown, wraps: number): ReceiptLine {
  if (typeof value === 'string') return wraps < mostWraps ? ofString(value, wraps) : { type: 'other' };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { type: 'other' };
  const { kind } = value as { kind?: unknown };
  if (kind === 'graceful.receipt') return ofReceipt(value as Record<string, unknown>);
  if (wraps === mostWraps) return { type: 'other' };
  for (const member of Object.values(value)) {
    const found = classify(member, wraps + 1);
    if (found.type !== 'other') return found;
  }
  return { type: 'other' };
}

/** The `log` of a line of Docker or fluentd: what the process wrote, as a string. */
function ofString(text: string, wraps: number): ReceiptLine {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) return { type: 'other' };
  try {
    return classify(JSON.parse(trimmed), wraps + 1);
  } catch {
    return trimmed.startsWith(lineStart) ? { type: 'cut', text: trimmed } : { type: 'other' };
  }
}

function ofReceipt(value: Record<string, unknown>): ReceiptLine {
  const why = faultOf(value);
  return why === undefined
    ? { type: 'receipt', receipt: value as unknown as DrainReceipt }
    : { type: 'wrong', why };
}

/** What keeps `value` from being a receipt: the fields that are judged by, and that are shown. */
function faultOf(value: Record<string, unknown>): string | undefined {
  if (value['version'] !== 1) return `expected version 1, got ${JSON.stringify(value['version'])}`;
  if (!isCount(value['seq']) || value['seq'] === 0) return 'expected `seq` to be a whole number from 1 on';
  if (!isCount(value['epoch'])) return 'expected `epoch` to be a whole number';
  for (const key of [
    'pod',
    'podUid',
    'container',
    'instance',
    'name',
    'reason',
    'startedAt',
    'previous',
    'hash',
  ])
    if (typeof value[key] !== 'string') return `expected \`${key}\` to be text`;
  if (!(receiptVerdicts as readonly unknown[]).includes(value['verdict']))
    return `expected \`verdict\` to be one of ${receiptVerdicts.join(', ')}`;
  const { how, afterMs } = (value['exit'] ?? {}) as { how?: unknown; afterMs?: unknown };
  if (!(exitWays as readonly unknown[]).includes(how))
    return `expected \`exit.how\` to be one of ${exitWays.join(', ')}`;
  if (typeof afterMs !== 'number') return 'expected `exit.afterMs` to be a number';
  for (const key of ['served', 'dropped'])
    if (!isCount(value[key])) return `expected \`${key}\` to be a whole number`;
  return undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
