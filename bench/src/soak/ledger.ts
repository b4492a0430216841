import { readFile, writeFile } from 'node:fs/promises';

const file = new URL('../../../results/soak.json', import.meta.url);

/** Runs in a row of one combination, in one go. */
export interface Batch {
  readonly date: string;
  /** Of the commit that ran. */
  readonly commit: string;
  /** Of the Node that the services ran on. */
  readonly version: string;
  readonly busy: boolean;
  readonly runs: number;
  /** In one run. */
  readonly scenarios: number;
  readonly minutes: number;
  readonly files: readonly string[];
  /** Names, once for each time. */
  readonly failed: readonly string[];
}

/** What was run before, one go after the other: all combinations together take longer than anybody waits. */
export async function readLedger(): Promise<Batch[]> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Batch[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export async function writeLedger(batches: readonly Batch[]): Promise<void> {
  await writeFile(file, `${JSON.stringify(batches, null, 2)}\n`);
}
