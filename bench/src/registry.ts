import { readdir } from 'node:fs/promises';
import type { Contestant } from './contestant.js';

/** A contestant and the name of its file, by which a server process finds it. */
export interface Entry {
  readonly id: string;
  readonly contestant: Contestant;
}

const folder = 'contestants/';
const order = ['bare', 'control', 'ours', 'peer'];

/** @param id - the name of a file in `contestants/`, or its path, where it stands elsewhere */
export async function loadContestant(id: string): Promise<Contestant> {
  const path = id.includes('/') ? id : `${folder}${id}`;
  const module = (await import(new URL(`${path}.js`, import.meta.url).href)) as { default: Contestant };
  return module.default;
}

/** Everything in `contestants/`: the bare servers first, then ours, then the peers by name. */
export async function loadContestants(): Promise<readonly Entry[]> {
  const ids = (await readdir(new URL(folder, import.meta.url)))
    .filter((file) => file.endsWith('.js'))
    .map((file) => file.slice(0, -3));
  const entries = await Promise.all(ids.map(async (id) => ({ id, contestant: await loadContestant(id) })));
  return entries.toSorted(
    (a, b) =>
      order.indexOf(a.contestant.role) - order.indexOf(b.contestant.role) ||
      a.contestant.name.localeCompare(b.contestant.name),
  );
}
