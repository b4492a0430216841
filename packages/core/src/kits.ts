import type { AdapterKit, Graceful } from './graceful.js';
import type { HandoverKit } from './handover-kit.js';

/** What others may do with a service beside its users, who do not see it. */
class Kits<Kit> {
  readonly #kits = new WeakMap<Graceful, Kit>();

  keep(graceful: Graceful, kit: Kit): void {
    this.#kits.set(graceful, kit);
  }

  of(graceful: Graceful): Kit {
    const kit = this.#kits.get(graceful);
    if (!kit) throw new TypeError('Expected what createGraceful of this copy of @graceful/core returned');
    return kit;
  }
}

const adapterKits = new Kits<AdapterKit>();
const handoverKits = new Kits<HandoverKit>();

/** Keep what adapters, and a hand-over, may do with `graceful`. */
export function keepKits(graceful: Graceful, forAdapters: AdapterKit, forHandover: HandoverKit): void {
  adapterKits.keep(graceful, forAdapters);
  handoverKits.keep(graceful, forHandover);
}

/** What an adapter may do with `graceful` beside its users. */
export function adapterKit(graceful: Graceful): AdapterKit {
  return adapterKits.of(graceful);
}

/** What a hand-over may do with `graceful` beside its users. */
export function handoverKit(graceful: Graceful): HandoverKit {
  return handoverKits.of(graceful);
}
