/** What became of the requests of a row. */
export interface RequestFigures {
  /** Written whole, or begun and cut by the service. */
  readonly sent: number;
  /** Answered whole, and as it is while nobody leaves. */
  readonly answered: number;
  /** Not answered whole. */
  readonly lost: number;
  /** Answered with something else than while nobody leaves: a 503, or nothing in it. */
  readonly turnedAway: number;
}

/** How the process ended. Times are in milliseconds. */
export interface ExitFigures {
  /** The exit code, or the signal that ended it. */
  readonly how: number | string;
  /** Since the signal. */
  readonly afterMs: number;
  /** Since the last answer, or the end of the promised lame-duck, whichever came later. */
  readonly lagMs: number;
}

/** One row: a scenario, and what came of it. */
export interface RowReport {
  /** Stable; what `only` names. */
  readonly id: string;
  /** A sentence about the service, true if the row passed. */
  readonly name: string;
  /** `skipped`: it needs an option that is not given. */
  readonly result: 'passed' | 'failed' | 'skipped';
  /** What was not as it should be, in sentences. */
  readonly violations: readonly string[];
  /** The options without which it could not be played. */
  readonly needs: readonly string[];
  /** What became of its requests. */
  readonly requests: RequestFigures;
  /** How it ended, where the row waited for that; `'never'`: it was still there when patience ended, and was killed. */
  readonly exit: ExitFigures | 'never' | undefined;
  /** What this row counts beside requests, by name; durations end in `Ms`. */
  readonly measures: Readonly<Record<string, number>>;
  /** Everything that happened, in the order of time, for whoever has to find out why. */
  readonly narrative: string;
}

/** What a run found. */
export interface ConformanceReport {
  /** What was started. */
  readonly command: readonly string[];
  /** ISO 8601. */
  readonly startedAt: string;
  /** Of the whole run, in milliseconds. */
  readonly durationMs: number;
  /** In the order of the table. */
  readonly rows: readonly RowReport[];
  /** No row failed. */
  readonly passed: boolean;
}

/** The verdict in a line: `17 passed, 1 failed, 2 skipped`. */
export function summary({ rows }: Pick<ConformanceReport, 'rows'>): string {
  const count = (result: RowReport['result']): number => rows.filter((row) => row.result === result).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}
