import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { getContainerRuntimeClient } from 'testcontainers';

// What would clean up for testcontainers is a container of its own, whose image nobody here can pull: `sweep.ts` does it.
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
// Where containers publish. On a machine that is a container itself it would take the address of a bridge.
process.env['TESTCONTAINERS_HOST_OVERRIDE'] = '127.0.0.1';

/** The engine's API. */
export type Docker = Awaited<ReturnType<typeof getContainerRuntimeClient>>['container']['dockerode'];

/** How to have everything that the suite needs. */
export const how = '.ci/with-docker npx --yes pnpm@12 exec vitest run test/containers';

/** Whether what is missing is a failure, and no reason to pass over the suite. */
export const required: boolean = process.env['REQUIRE_DOCKER'] === '1';

/** The engine that answers at DOCKER_HOST, or where engines listen by default; rejects where none does. */
export async function docker(): Promise<Docker> {
  return (await getContainerRuntimeClient()).container.dockerode;
}

/** Why containers cannot be run here, or `undefined` where they can. */
export async function whyNot(programs: readonly string[], asksEngine = true): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'its images are made of the files of a Linux machine';
  const missing = programs.filter((program) => pathOf(program) === undefined);
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  try {
    if (asksEngine) await docker();
    return undefined;
  } catch {
    return 'no Docker Engine answers';
  }
}

/** Where a program of this machine is; Debian puts servers where a user's PATH does not lead. */
export function pathOf(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
