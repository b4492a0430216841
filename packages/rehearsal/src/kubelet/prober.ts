import { afterAnswer, beforeFirst, isDue, nextQuestion, type ProbeState } from '../rules/probe-state.js';
import type { RunningContainer } from '../runtime/runtime.js';
import type { ResolvedProbe } from '../spec/resolve.js';
import { pause } from './pause.js';
import { question } from './probe-question.js';

/** What a prober is given, and whom it tells. */
export interface ProberParts {
  readonly probe: ResolvedProbe;
  readonly container: RunningContainer;
  readonly startedAt: number;
  /** Whether it is the time for this kind of probe: before the container has started, or after. */
  readonly wanted: () => boolean;
  readonly onAnswer: (answer: { readonly failed: string | undefined }) => void;
  /** The verdict is another than before. */
  readonly onVerdict: (verdict: 'success' | 'failure') => void;
}

/** Asks one container one kind of question, again and again, until it is ended. */
export class Prober {
  readonly #parts: ProberParts;
  readonly #over = new AbortController();
  #state: ProbeState;
  #poked = new AbortController();

  constructor(parts: ProberParts) {
    this.#parts = parts;
    this.#state = beforeFirst(parts.probe.kind);
  }

  /** Ask for the first time, and from then on once in each period. */
  begin(): void {
    void this.#run();
  }

  get verdict(): ProbeState['verdict'] {
    return this.#state.verdict;
  }

  get kind(): ResolvedProbe['kind'] {
    return this.#parts.probe.kind;
  }

  /** Ask now: somebody wants to know. */
  poke(): void {
    this.#poked.abort();
  }

  end(): void {
    this.#over.abort();
  }

  async #run(): Promise<void> {
    const { probe } = this.#parts;
    const periodMs = probe.periodSeconds * 1_000;
    let strikesMs = performance.now() + periodMs;
    while (!this.#over.signal.aborted) {
      await this.#once();
      // Failed for good: the container is ended, and its successor has a prober of its own.
      if (probe.kind !== 'readiness' && this.verdict === 'failure') return;
      const next = nextQuestion(strikesMs, periodMs, performance.now());
      await pause(next.waitMs, this.#over.signal, this.#poked.signal);
      // A question that was asked for comes between the strikes of the clock.
      if (this.#poked.signal.aborted) this.#poked = new AbortController();
      else strikesMs = next.strikesMs;
    }
  }

  async #once(): Promise<void> {
    const { probe, container, startedAt, wanted, onAnswer, onVerdict } = this.#parts;
    if (!wanted() || !isDue(probe.initialDelaySeconds, performance.now() - startedAt)) return;
    const answer = await question(probe, container, this.#over.signal);
    if (this.#over.signal.aborted) return;
    const before = this.#state.verdict;
    this.#state = afterAnswer(this.#state, answer.result, probe);
    onAnswer({ failed: answer.result === 'failure' ? answer.message : undefined });
    const { verdict } = this.#state;
    if (verdict !== before && verdict !== 'unknown') onVerdict(verdict);
  }
}
