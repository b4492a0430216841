import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { how, required, whyNot } from '../src/containers/engine.js';

/** What a part of the suite wants. */
interface Needs {
  /** Programs of this machine, beside an engine. */
  readonly programs?: readonly string[];
  /** Why not, where that is not about the engine that answers. */
  readonly whyNot?: () => string | undefined;
  /** For each test; they may have to wait for a machine that is busy. */
  readonly timeout?: number;
  /** Side by side, unless it says otherwise. */
  readonly concurrent?: boolean;
}

/** Tests that run containers; where they cannot, one says so loudly, and fails where that is asked for. */
export async function describeContainers(name: string, body: () => void, needs: Needs = {}): Promise<void> {
  const { programs = [], timeout = 120_000, concurrent = true } = needs;
  const why = needs.whyNot ? needs.whyNot() : await whyNot(programs);
  if (why !== undefined) console.warn(`NOT RUN: ${name}: ${why}. To run it: ${how}`);
  const marker = process.env['GRACEFUL_CONTAINERS_MARKER'];
  // An engine of the test's own is for the test to leave empty.
  if (why === undefined && !needs.whyNot && marker !== undefined) writeFileSync(marker, '');

  it.runIf(required)(`${name}: can be run, as REQUIRE_DOCKER=1 demands`, () => {
    expect(why, how).toBeUndefined();
  });
  describe.runIf(why === undefined)(name, { concurrent, timeout }, body);
}
