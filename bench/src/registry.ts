import { readdir } from 'node:fs/promises';
import type { Contestant } from './contestant.js';

/** A contestant and the name of its file, by which a server process finds it. */
export interface Entry {
  readonly id: string;
  readonly contestant: Contestant;
}

const folder = new URL('contestants/', import.meta.url);
const order = ['bare', 'control', 'ours', 'peer'];

export async function loadContestant(id: string): Promise<Contestant> {
  const module = (await import(new URL(`${id}.js`, folder).href)) as { default: Contestant };
  return module.default;
}

/** Everything in `contestants/`: the bare servers first, then ours, then the peers by name. */
export async function loadContestants(): Promise<readonly Entry[]> {
  const ids = (await readdir(folder)).filter((file) => file.endsWith('.js')).map((file) => file.slice(0, -3));
  const entries = await Promise.all(ids.map(async (id) => ({ id, contestant: await loadContestant(id) })));
  return entries.toSorted(
    (a, b) =>
      order.indexOf(a.contestant.role) - order.indexOf(b.contestant.role) ||
      a.contestant.name.localeCompare(b.contestant.name),
  );
}
