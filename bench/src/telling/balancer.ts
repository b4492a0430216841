/** Where an instance listens. */
export interface Instance {
  readonly port: number;
}

/** Sends what is new to any of its instances; to one that leaves, until it has noticed. */
export class Balancer {
  readonly #instances: readonly Instance[];
  readonly #lagMs: number;
  #leaving: Instance | undefined;
  #leftAt = Infinity;

  constructor(instances: readonly Instance[], lagMs: number) {
    this.#instances = instances;
    this.#lagMs = lagMs;
  }

  leaves(instance: Instance): void {
    this.#leaving = instance;
    this.#leftAt = performance.now();
  }

  pick(): Instance {
    const noticed = performance.now() >= this.#leftAt + this.#lagMs;
    const choice = this.#instances.filter((instance) => !noticed || instance !== this.#leaving);
    const picked = choice[Math.floor(Math.random() * choice.length)];
    if (!picked) throw new Error('Expected an instance that stays.');
    return picked;
  }
}
