import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the workers of this run tell each other about containers. */
const folder = mkdtempSync(join(tmpdir(), 'graceful-containers-'));

/** Before the workers start, which inherit the environment. */
export function setup(): void {
  process.env['GRACEFUL_CONTAINERS_RUN'] = String(process.pid);
  process.env['GRACEFUL_CONTAINERS_FOLDER'] = folder;
}

/** When all tests have ended, well or not: nothing of theirs is left in the engine. */
export async function teardown(): Promise<void> {
  // There when a worker has used an engine: nobody else need ask for one.
  const used = existsSync(join(folder, 'used'));
  rmSync(folder, { recursive: true, force: true });
  if (!used) return;
  const { sweep } = await import('../src/containers/sweep.js');
  await sweep();
}
