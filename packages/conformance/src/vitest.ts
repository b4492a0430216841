import { afterAll, describe, expect, it } from 'vitest';
import type { Baseline } from './baseline.js';
import { toMarkdown } from './markdown.js';
import type { ConformanceOptions } from './options.js';
import type { ConformanceReport, RowReport } from './report.js';
import { plan } from './plan.js';
import { patienceMs, playRow } from './play-row.js';
import { rehearse } from './rehearse.js';

/** What a vitest run does with what was found. */
export interface VitestOptions extends ConformanceOptions {
  /**
   * The name of the suite.
   *
   * @defaultValue the command
   */
  readonly name?: string;
  /** Called at the end, with everything; without it the table is printed. */
  readonly onReport?: (report: ConformanceReport, markdown: string) => void;
}

/**
 * A suite with one test for each row. Call it at the top of a test file, or
 * within a `describe`. Rows that need an option which is not given are
 * skipped, and their names say what to give.
 *
 * @throws {@link ConformanceError} `ERR_CONFORMANCE_OPTION`
 */
export function conformance({ name, onReport = print, ...options }: VitestOptions): void {
  const { settings, rows } = plan(options);
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const found = new Map<string, RowReport>();
  // Asked for by every test, and done once: where it fails each of them says why.
  let rehearsed: Promise<Baseline> | undefined;
  const timeout = 2 * (patienceMs(settings) + settings.startMs);
  // vitest runs as many concurrent tests as it was told; one port can have one service at a time.
  const suite = settings.concurrency === 1 ? describe : describe.concurrent;
  suite(name ?? `conformance of ${settings.command.join(' ')}`, () => {
    for (const row of rows) {
      const { scenario, needs } = row;
      if (needs.length > 0) {
        it.skip(`${scenario.name} (give ${needs.join(', ')})`);
        continue;
      }
      it(scenario.name, { timeout }, async () => {
        rehearsed ??= rehearse(settings);
        const report = await playRow(row, settings, await rehearsed);
        found.set(scenario.id, report);
        const { violations, narrative } = report;
        expect(violations, `\n${violations.join('\n')}\n\n${narrative}\n`).toEqual([]);
      });
    }
    afterAll(async () => {
      if (!rehearsed) return;
      const baseline = await rehearsed.catch(() => undefined);
      if (!baseline) return;
      const reports = await Promise.all(
        rows
          .filter(({ scenario, needs }) => needs.length > 0 || found.has(scenario.id))
          .map(async (row) => found.get(row.scenario.id) ?? playRow(row, settings, baseline)),
      );
      const report = {
        command: settings.command,
        startedAt,
        durationMs: Math.round(performance.now() - began),
        rows: reports,
        passed: reports.every(({ result }) => result !== 'failed'),
      };
      onReport(report, toMarkdown(report));
    });
  });
}

function print(_report: ConformanceReport, markdown: string): void {
  console.log(markdown);
}
