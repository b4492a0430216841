import type { ConformanceOptions } from './options.js';
import { plan } from './plan.js';
import { playRow } from './play-row.js';
import { rehearse } from './rehearse.js';
import type { ConformanceReport } from './report.js';

/**
 * Start the service anew for each row, take it away under its clients, and
 * say what they lost. Rows that need an option which is not given are
 * skipped; a service that fails is a result and no error.
 *
 * @throws {@link ConformanceError} `ERR_CONFORMANCE_OPTION`, `ERR_CONFORMANCE_START`, `ERR_CONFORMANCE_REQUEST`
 */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceReport> {
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const { settings, rows } = plan(options);
  const baseline = await rehearse(settings);
  const reports = await inTurns(rows, settings.concurrency, (row) => playRow(row, settings, baseline));
  return {
    command: settings.command,
    startedAt,
    durationMs: Math.round(performance.now() - began),
    rows: reports,
    passed: reports.every(({ result }) => result !== 'failed'),
  };
}

/** The results in the order of `items`, with at most so many at work at a time. */
async function inTurns<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, item] = next;
      results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
