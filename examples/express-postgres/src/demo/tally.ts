import type { ClientKind } from './clients.js';

export interface Answered {
  readonly kind: ClientKind;
  readonly status: number;
  /** Instants on the clock of `performance.now()`, as all here. */
  readonly sentAt: number;
  readonly answeredAt: number;
}

export interface LostRequest {
  readonly kind: ClientKind;
  readonly at: number;
  readonly why: string;
}

export interface Sample {
  readonly at: number;
  readonly readiness: 200 | 503 | 'refused';
}

/** What the clients saw, and nothing that the service says of itself. */
export class Tally {
  readonly answered: Answered[] = [];
  readonly lost: LostRequest[] = [];
  readonly readiness: Sample[] = [];
  /** Connections refused; no request was written. */
  turnedAway = 0;

  /** Answers with a 5xx: not lost, yet no good either. */
  get failed(): readonly Answered[] {
    return this.answered.filter((request) => request.status >= 500);
  }

  get lastAnswerAt(): number {
    return this.answered.reduce((last, request) => Math.max(last, request.answeredAt), 0);
  }
}
