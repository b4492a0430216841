import { mkdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const made = new Map<string, Promise<string>>();
/** Of this run of vitest, and of all its workers. */
const folder = process.env['GRACEFUL_CONTAINERS_FOLDER'] ?? tmpdir();

/** Make an image once in this process, and while no other process of the run does: what that has made is found. */
export function once(name: string, make: (name: string) => Promise<string>): Promise<string> {
  const known = made.get(name);
  if (known) return known;
  const image = alone(name, make);
  made.set(name, image);
  return image;
}

async function alone(name: string, make: (name: string) => Promise<string>): Promise<string> {
  const lock = join(folder, `making-${name}`);
  while (!taken(lock)) await sleep(100);
  try {
    return await make(name);
  } finally {
    rmdirSync(lock);
  }
}

function taken(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}
