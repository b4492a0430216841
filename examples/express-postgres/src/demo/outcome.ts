import type { Exit, Service } from './service.js';
import type { Tally } from './tally.js';

/** Everything that happened, instants on the clock of `performance.now()`. */
export interface Outcome {
  readonly service: Service;
  readonly tally: Tally;
  readonly loadAt: number;
  readonly signalAt: number;
  /** When `/readyz` was first seen not to be 200. */
  readonly turnedAt: number | undefined;
  readonly exit: Exit;
  /** What `pg_stat_activity` says: the service's connections under load, and after its exit. */
  readonly databaseConnections: { readonly before: number; readonly after: number };
}

/** What was not as it should be; nothing, if nobody noticed that the service left. */
export function complaints({ tally, turnedAt, exit, databaseConnections }: Outcome): string[] {
  const { lost, failed } = tally;
  const found: string[] = [];
  if (lost.length > 0) found.push(`${lost.length} requests were lost; the first:`, `  ${lost[0]?.why}`);
  if (failed.length > 0) found.push(`${failed.length} requests were answered with ${failed[0]?.status}`);
  if (tally.answered.length === 0) found.push('no request was answered');
  if (turnedAt === undefined) found.push('/readyz never turned');
  if (!exit.report) found.push('the log has no report');
  else if (exit.report.verdict !== 'clean') found.push(`the verdict is ${exit.report.verdict}`);
  if (exit.code !== 0) found.push(`the exit code is ${exit.code ?? exit.signal}`);
  if (databaseConnections.after > 0)
    found.push(`${databaseConnections.after} database connections were left`);
  return found;
}
