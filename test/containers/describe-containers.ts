import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { how, required, whyNot } from '../src/containers/engine.js';
import { surroundings } from '../src/containers/images/node-image.js';

/** What a part of the suite wants. */
interface Needs {
  /** Programs of this machine, beside an engine and what images are made of. */
  readonly programs?: readonly string[];
  /** Images that are made before the tests begin, so that those can be held to a time. */
  readonly images?: () => Promise<unknown>;
  /** Why not, where that is not about the engine that answers. */
  readonly whyNot?: () => string | undefined;
  /** Side by side, unless it says otherwise. */
  readonly concurrent?: boolean;
}

/** A machine may be busy; nothing is expected to take so long. */
const timeout = 240_000;

/** Tests that run containers; where they cannot, one says so loudly, and fails where that is asked for. */
export async function describeContainers(name: string, body: () => void, needs: Needs = {}): Promise<void> {
  const { programs = [], images, concurrent = true } = needs;
  const why = needs.whyNot?.() ?? (await whyNot([...surroundings, ...programs], needs.whyNot === undefined));
  if (why !== undefined) console.warn(`NOT RUN: ${name}: ${why}. To run it: ${how}`);

  it.runIf(required)(`${name}: can be run, as REQUIRE_DOCKER=1 demands`, () => {
    expect(why, how).toBeUndefined();
  });
  describe.runIf(why === undefined)(name, { concurrent, timeout }, () => {
    beforeAll(async () => {
      // An engine of the test's own is for the test to leave empty.
      if (!needs.whyNot) noteUse();
      await images?.();
    }, timeout);
    body();
  });
}

/** What is made in the engine has to be removed: see `leave-nothing.ts`. */
function noteUse(): void {
  writeFileSync(join(process.env['GRACEFUL_CONTAINERS_FOLDER'] ?? tmpdir(), 'used'), '');
}
