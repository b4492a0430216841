import { describe, expect, it } from 'vitest';
import type { Adapter } from '../src/harness/adapters.js';
import { play } from '../src/harness/trial.js';
import type { Scenario } from '../src/scenarios/scenario.js';
import { table } from '../src/scenarios/table.js';

/** One column of a table: every scenario, with this adapter. */
export function describeScenarios(
  adapter: Adapter,
  rows: Readonly<Record<string, readonly Scenario[]>> = table,
): void {
  describe.concurrent(adapter.name, () => {
    for (const [subject, scenarios] of Object.entries(rows)) {
      describe(subject, () => {
        for (const scenario of scenarios) {
          it(scenario.name, async () => {
            const { violations, narrative } = await play(adapter, scenario);
            expect(violations, `\n${violations.join('\n')}\n\n${narrative}\n`).toEqual([]);
          });
        }
      });
    }
  });
}
