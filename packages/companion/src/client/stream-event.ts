import type { InstanceState, PodState, StreamEvent, TerminationReason } from '../protocol/wire.js';

const reasons: readonly unknown[] = ['pod', 'self', 'operator'] satisfies TerminationReason[];

/** The longest that a timer of Node can wait, in milliseconds. */
const longestTimerMs = 2_147_483_647;

/**
 * What a companion says, as far as it can be understood. Within a version
 * events are added: what is not known means nothing, and neither does what is
 * not as it should be.
 */
export function streamEventOf(line: string): StreamEvent | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { type, epoch, state, pod, reason, remainingMs, name, revision } = parsed as Record<string, unknown>;
  switch (type) {
    case 'hello':
      if (!Number.isSafeInteger(epoch) || typeof state !== 'string' || typeof pod !== 'string')
        return undefined;
      return { type, epoch: epoch as number, state: state as InstanceState, pod: pod as PodState };
    case 'lame-duck':
    case 'drain':
      if (!reasons.includes(reason) || !isRemaining(remainingMs)) return undefined;
      return { type, reason: reason as TerminationReason, remainingMs: waitable(remainingMs) };
    case 'deadline':
      return isRemaining(remainingMs) ? { type, remainingMs: waitable(remainingMs) } : undefined;
    case 'cancel':
      return { type };
    case 'config':
      if (typeof name !== 'string' || !Number.isSafeInteger(revision)) return undefined;
      return { type, name, revision: revision as number };
    default:
      return undefined;
  }
}

function isRemaining(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** What is left may be less than nothing, where it comes late. */
function waitable(ms: number): number {
  return Math.min(Math.max(0, ms), longestTimerMs);
}
