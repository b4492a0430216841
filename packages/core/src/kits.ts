import type { AdapterKit, Graceful } from './graceful.js';

const kits = new WeakMap<Graceful, AdapterKit>();

/** Keep what adapters may do with `graceful`. */
export function keepKit(graceful: Graceful, kit: AdapterKit): void {
  kits.set(graceful, kit);
}

/** What an adapter may do with `graceful` beside its users. */
export function adapterKit(graceful: Graceful): AdapterKit {
  const kit = kits.get(graceful);
  if (!kit) throw new TypeError('Expected what createGraceful of this copy of @graceful/core returned');
  return kit;
}
