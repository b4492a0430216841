import type { Evidence } from '../drain/drainable.js';
import type { Clock } from './clock.js';
import {
  type DrainableReport,
  type HookReport,
  type ReportedError,
  reportedError,
  type ShutdownReport,
  type StateInstant,
  type Verdict,
} from './report.js';
import type { StateName } from './state.js';

/** What is noted while a shutdown goes on; the report is made of it at the end. */
export class ShutdownRecord {
  readonly #clock: Clock;
  readonly #reason: string;
  readonly #begun: { readonly at: number; readonly wall: number };
  readonly #states: StateInstant[] = [];
  readonly #hooks: HookReport[] = [];
  readonly #drainables: DrainableReport[] = [];
  readonly #errors: ReportedError[] = [];
  readonly #furtherSignals: string[] = [];

  constructor(clock: Clock, reason: string) {
    this.#clock = clock;
    this.#reason = reason;
    this.#begun = { at: clock.now(), wall: clock.wall() };
  }

  state(state: StateName): void {
    const afterMs = this.#elapsedMs();
    this.#states.push({ state, at: this.#instant(afterMs), afterMs });
  }

  hook(report: HookReport): void {
    this.#hooks.push({ ...report, durationMs: rounded(report.durationMs) });
    if (report.error) this.#errors.push(report.error);
  }

  drainable(report: DrainableReport): void {
    this.#drainables.push({ ...report, durationMs: rounded(report.durationMs) });
  }

  error(thrown: unknown, from: string): void {
    this.#errors.push(reportedError(thrown, from));
  }

  furtherSignal(signal: string): void {
    this.#furtherSignals.push(signal);
  }

  report(evidence: readonly Evidence[], heldBy: readonly string[]): ShutdownReport {
    const figures = totalEvidence(evidence);
    const verdict = this.#verdict(figures.requests.dropped);
    return {
      reason: this.#reason,
      verdict,
      exitCode: verdict === 'clean' ? 0 : 1,
      startedAt: this.#instant(0),
      durationMs: this.#elapsedMs(),
      states: this.#states,
      ...figures,
      drainables: this.#drainables,
      hooks: this.#hooks,
      errors: this.#errors,
      furtherSignals: this.#furtherSignals,
      heldBy,
    };
  }

  #verdict(requestsDropped: number): Verdict {
    if (this.#errors.length > 0 || this.#hooks.some((hook) => hook.result !== 'ok')) return 'failed';
    const dropped = requestsDropped > 0 || this.#drainables.some((drainable) => drainable.dropped > 0);
    return dropped ? 'forced' : 'clean';
  }

  #elapsedMs(): number {
    return rounded(this.#clock.now() - this.#begun.at);
  }

  #instant(afterMs: number): string {
    return new Date(this.#begun.wall + afterMs).toISOString();
  }
}

/** What several drainables saw, added up. */
export function totalEvidence(evidence: readonly Evidence[]): Required<Evidence> {
  return {
    requests: {
      inFlightAtStart: sum(evidence, (seen) => seen.requests.inFlightAtStart),
      servedInLameDuck: sum(evidence, (seen) => seen.requests.servedInLameDuck),
      served: sum(evidence, (seen) => seen.requests.served),
      dropped: sum(evidence, (seen) => seen.requests.dropped),
    },
    connections: {
      told: sum(evidence, (seen) => seen.connections.told),
      idle: sum(evidence, (seen) => seen.connections.idle),
      client: sum(evidence, (seen) => seen.connections.client),
      forced: sum(evidence, (seen) => seen.connections.forced),
    },
    traffic: {
      connections: sum(evidence, ({ traffic }) => traffic?.connections ?? 0),
      lastConnectionMs: latest(evidence, ({ traffic }) => traffic?.lastConnectionMs),
      lastRequestMs: latest(evidence, ({ traffic }) => traffic?.lastRequestMs),
    },
  };
}

/** A report is read by people, to whom a microsecond says nothing here. */
function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function latest(evidence: readonly Evidence[], of: (seen: Evidence) => number | undefined): number {
  return rounded(Math.max(0, ...evidence.map((seen) => of(seen) ?? 0)));
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
