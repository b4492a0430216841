import { describe, expect, it } from 'vitest';
import { bareNode } from './src/harness/adapters.js';
import { play } from './src/harness/trial.js';
import { table } from './src/scenarios/table.js';

/** Some clients wait for a word that bare Node never says; what was lost is lost by then. */
const patienceMs = 2_000;

/**
 * A suite that cannot fail proves nothing: the same scenarios, the same
 * clients, and a service that does what most do today.
 */
describe.concurrent('bare Node loses requests here', () => {
  it.for([
    ['answers clients that go on until told, who are 20 ms away'],
    ['sends the whole of a large body to a slow reader'],
  ])('%s', async ([name]) => {
    const scenario = Object.values(table)
      .flat()
      .find((row) => row.name === name);
    if (!scenario) throw new Error(`no scenario "${name}"`);
    const { lost, violations } = await play(bareNode, scenario, patienceMs);
    expect(lost).toBeGreaterThan(0);
    expect(violations.filter((violation) => violation.startsWith('LOST'))).toHaveLength(lost);
  });
});
