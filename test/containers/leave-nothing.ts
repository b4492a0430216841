import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** There when a worker has used an engine: nobody else need ask for one. */
const marker = join(tmpdir(), `graceful-containers-${process.pid}`);

/** Before the workers start, which inherit the environment. */
export function setup(): void {
  process.env['GRACEFUL_CONTAINERS_RUN'] = String(process.pid);
  process.env['GRACEFUL_CONTAINERS_MARKER'] = marker;
}

/** When all tests have ended, well or not: nothing of theirs is left in the engine. */
export async function teardown(): Promise<void> {
  if (!existsSync(marker)) return;
  rmSync(marker);
  const { sweep } = await import('../src/containers/sweep.js');
  await sweep();
}
