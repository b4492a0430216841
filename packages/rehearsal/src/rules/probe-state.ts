import type { ProbeKind, ResolvedProbe } from '../spec/resolve.js';

/** What one answer was. */
export type ProbeResult = 'success' | 'failure';

/** What is believed of a container by one of its probes. */
export interface ProbeState {
  /** `unknown`: a startup probe that has not decided yet. */
  readonly verdict: ProbeResult | 'unknown';
  readonly last: ProbeResult | undefined;
  /** How often in a row. */
  readonly inRow: number;
}

/** What is believed before the first answer: alive, not ready, and nothing of a start. */
export function beforeFirst(kind: ProbeKind): ProbeState {
  const verdict = { startup: 'unknown', readiness: 'failure', liveness: 'success' } as const;
  return { verdict: verdict[kind], last: undefined, inRow: 0 };
}

/** What is believed after one more answer: the same, until the answer has come often enough in a row. */
export function afterAnswer(
  state: ProbeState,
  result: ProbeResult,
  { successThreshold, failureThreshold }: Pick<ResolvedProbe, 'successThreshold' | 'failureThreshold'>,
): ProbeState {
  const inRow = state.last === result ? state.inRow + 1 : 1;
  const enough = inRow >= (result === 'success' ? successThreshold : failureThreshold);
  return { verdict: enough ? result : state.verdict, last: result, inRow };
}

/** `initialDelaySeconds` has passed: only whole seconds since the start count. */
export function isDue(initialDelaySeconds: number, sinceStartMs: number): boolean {
  return Math.floor(sinceStartMs / 1_000) >= initialDelaySeconds;
}

/**
 * When the next question is put. The period is that of a clock which strikes
 * whether somebody listens or not: of the strikes that were missed, one counts.
 *
 * @param strikesMs - when the clock strikes next
 */
export function nextQuestion(
  strikesMs: number,
  periodMs: number,
  nowMs: number,
): { readonly waitMs: number; readonly strikesMs: number } {
  if (nowMs < strikesMs) return { waitMs: strikesMs - nowMs, strikesMs: strikesMs + periodMs };
  const missed = Math.floor((nowMs - strikesMs) / periodMs);
  return { waitMs: 0, strikesMs: strikesMs + (missed + 1) * periodMs };
}
