import type { ShutdownReport } from '@graceful/core';

/** What a service wrote to its log about its departure. */
export interface Logged {
  readonly reports: readonly ShutdownReport[];
  /** States in the order of their lines. */
  readonly states: readonly string[];
}

/** Read a log of JSON lines, as pino writes them. Other lines are nobody's business. */
export function readLog(stdout: string): Logged {
  const lines = stdout.split('\n').flatMap((line) => {
    try {
      // A terminal shows the keys that were pressed before what the service writes.
      return [
        JSON.parse(line.slice(line.indexOf('{'))) as {
          report?: ShutdownReport;
          state?: string;
          previous?: string;
        },
      ];
    } catch {
      return [];
    }
  });
  return {
    reports: lines.flatMap(({ report }) => report ?? []),
    states: lines.flatMap(({ state, previous }) => (previous === undefined ? [] : (state ?? []))),
  };
}
