import type { Exchange } from './client/exchange.js';
import type { RawRequest } from './client/request.js';

/** What a request is answered with while nobody leaves. */
interface Answer {
  readonly status: number;
  readonly bodyBytes: number;
}

/** What each request is answered with while nobody leaves; against that is held what comes while somebody does. */
export class Baseline {
  readonly #answers: ReadonlyMap<RawRequest, Answer>;

  constructor(answers: ReadonlyMap<RawRequest, Answer>) {
    this.#answers = answers;
  }

  /** How many bytes the body of the answer has. */
  bodyBytes(request: RawRequest): number {
    return this.#answers.get(request)?.bodyBytes ?? 0;
  }

  /** Answered, but not with what the client came for. */
  turnedAway({ fate, request, response }: Exchange): boolean {
    const usual = this.#answers.get(request);
    if (fate !== 'answered' || !response || !usual) return false;
    return response.status !== usual.status || (usual.bodyBytes > 0 && response.bodyBytes === 0);
  }
}
