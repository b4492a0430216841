import { HandoverError } from '../handover-error.js';
import type { Outcome, ProgressEvent, SupervisorStatus } from './target.js';

/** The last line of an answer. */
export interface LastLine {
  readonly outcome: Outcome;
  /** Where that was asked for. */
  readonly status?: SupervisorStatus;
}

/** A line of an answer: something on the way, or the last one. */
export type AnswerLine =
  | { readonly kind: 'event'; readonly event: ProgressEvent }
  | { readonly kind: 'last'; readonly last: LastLine };

const outcomes: readonly unknown[] = ['ok', 'failed', 'refused'];

/**
 * Read a line of an answer. Events that a later version has added are handed on as they are.
 *
 * @throws {@link HandoverError} `ERR_HANDOVER_CONTROL_ANSWER`
 */
export function parseAnswer(line: string): AnswerLine {
  const given = jsonObject(line);
  if (given && typeof given['event'] === 'string') {
    return { kind: 'event', event: given as unknown as ProgressEvent };
  }
  if (given && outcomes.includes(given['done'])) {
    const { status, ...outcome } = given;
    return { kind: 'last', last: { outcome, status } as unknown as LastLine };
  }
  throw new HandoverError(
    'ERR_HANDOVER_CONTROL_ANSWER',
    `Expected the answer of a supervisor, got ${JSON.stringify(line.slice(0, 60))}. Is it one that listens there?`,
  );
}

function jsonObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
