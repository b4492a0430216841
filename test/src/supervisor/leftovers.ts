import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** In the environment of whatever a test starts, and of whatever that starts. */
export const marker = 'GRACEFUL_TEST_RUN';

/** Processes that were started by the run `id`, and have not ended. */
export function processesOf(id: string): number[] {
  return numbersIn('/proc').filter((pid) => {
    try {
      // Of a dead one nothing is left to read.
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${marker}=${id}`);
    } catch {
      return false;
    }
  });
}

/** What `pid` has open, by what it leads to. */
export function descriptorsOf(pid: number): string[] {
  return numbersIn(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return [];
    }
  });
}

function numbersIn(folder: string): number[] {
  return readdirSync(folder).map(Number).filter(Number.isInteger);
}
