import type { Budgets } from '../protocol/wire.js';

/** What the order is made of. Instances of one name, such as two generations, share a place in it. */
export interface Ordered {
  readonly name: string;
  readonly after: readonly string[];
  readonly budgets: Budgets | undefined;
}

/** For those who do not say what they need: with the default grace of 30 s, and a hold of 15 s, just what is left. */
const unsaid: Budgets = { delayMs: 0, requestsMs: 10_000, hooksMs: 2_000 };

/** What an instance needs from its signal to its end, in milliseconds. */
export function needMs({ budgets = unsaid }: Pick<Ordered, 'budgets'>): number {
  return budgets.delayMs + budgets.requestsMs + budgets.hooksMs;
}

/** Names that wait for each other in a circle, if `added` were there, in order; the first stands at the end, too. */
export function circleOf(all: readonly Ordered[], added: Ordered): string[] | undefined {
  const after = edgesOf([...all, added]);
  const path: string[] = [];
  const done = new Set<string>();
  const walk = (name: string): string[] | undefined => {
    const at = path.indexOf(name);
    if (at !== -1) return [...path.slice(at), name];
    if (done.has(name)) return undefined;
    path.push(name);
    for (const before of after.get(name) ?? []) {
      const circle = walk(before);
      if (circle) return circle;
    }
    path.pop();
    done.add(name);
    return undefined;
  };
  return walk(added.name);
}

/**
 * When each name is to have ended, in milliseconds before the end of all: so
 * long as those that come after it need, one after the other. Where that is
 * more than there is, everybody gives up the same share.
 *
 * @param availableMs - for all of them
 */
export function keptForOthersMs(all: readonly Ordered[], availableMs: number): ReadonlyMap<string, number> {
  const needs = new Map<string, number>();
  for (const one of all) needs.set(one.name, Math.max(needs.get(one.name) ?? 0, needMs(one)));
  const followers = followersOf(all);
  const kept = new Map<string, number>();
  const keptFor = (name: string): number => {
    const known = kept.get(name);
    if (known !== undefined) return known;
    const most = Math.max(
      0,
      ...(followers.get(name) ?? []).map((follower) => (needs.get(follower) ?? 0) + keptFor(follower)),
    );
    kept.set(name, most);
    return most;
  };
  const longest = Math.max(0, ...[...needs].map(([name, need]) => need + keptFor(name)));
  const share = longest > availableMs ? Math.max(0, availableMs) / longest : 1;
  return new Map([...kept].map(([name, ms]) => [name, ms * share]));
}

/** By name: the names that it comes after. */
function edgesOf(all: readonly Ordered[]): ReadonlyMap<string, ReadonlySet<string>> {
  const edges = new Map<string, Set<string>>();
  for (const { name, after } of all) {
    const known = edges.get(name) ?? new Set();
    for (const before of after) known.add(before);
    edges.set(name, known);
  }
  return edges;
}

/** By name: the names that come after it. */
function followersOf(all: readonly Ordered[]): ReadonlyMap<string, readonly string[]> {
  const followers = new Map<string, string[]>();
  for (const [name, after] of edgesOf(all)) {
    for (const before of after) followers.set(before, [...(followers.get(before) ?? []), name]);
  }
  return followers;
}
