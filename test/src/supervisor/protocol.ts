import type { Outcome, SupervisorOptions, SupervisorStatus } from '@graceful/handover/supervisor';

/** What a supervisor is to run: JSON, as it comes in its environment. */
export type SupervisorConfig = Omit<SupervisorOptions, 'logger' | 'metrics'>;

/** What the test wants of it. */
export type Command =
  | { readonly do: 'upgrade'; readonly command?: readonly string[]; readonly cwd?: string }
  | { readonly do: 'rollback' | 'drain' | 'stop' | 'status' };

export interface Asked {
  readonly id: number;
  readonly command: Command;
}

/** What it tells the test. */
export type Posted =
  | { readonly type: 'started'; readonly outcome: Outcome }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Outcome | SupervisorStatus }
  | { readonly type: 'log'; readonly line: LogLine };

/** A line of its log; pino's fields. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly generation?: number;
  readonly pid?: number;
  /** Of a process. */
  readonly state?: string;
  readonly program?: string;
}
