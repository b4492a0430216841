import type { CompanionKit } from './companion-kit.js';
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
const companionKits = new Kits<CompanionKit>();

/** What each of them may do with a service. */
export interface AllKits {
  readonly adapter: AdapterKit;
  readonly handover: HandoverKit;
  readonly companion: CompanionKit;
}

/** Keep what others may do with `graceful`. */
export function keepKits(graceful: Graceful, { adapter, handover, companion }: AllKits): void {
  adapterKits.keep(graceful, adapter);
  handoverKits.keep(graceful, handover);
  companionKits.keep(graceful, companion);
}

/** What an adapter may do with `graceful` beside its users. */
export function adapterKit(graceful: Graceful): AdapterKit {
  return adapterKits.of(graceful);
}

/** What a hand-over may do with `graceful` beside its users. */
export function handoverKit(graceful: Graceful): HandoverKit {
  return handoverKits.of(graceful);
}

/** What the client of a companion may do with `graceful` beside its users. */
export function companionKit(graceful: Graceful): CompanionKit {
  return companionKits.of(graceful);
}
