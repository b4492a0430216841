import { Ledger } from '@graceful/conformance/client';
import type { ServiceProcess } from './service-process.js';

const id = 'stay';

/** A lame-duck that ends when nothing is asked any more, and nothing is in flight. */
export const untilQuiet = { delayMs: { minMs: 100, maxMs: 60_000, quietMs: 100 } } as const;

/**
 * A request that keeps a service from leaving its lame-duck ({@link untilQuiet})
 * until the test says so: how long a balancer takes to notice on a busy
 * machine need not be guessed.
 */
export class Stay {
  readonly #service: ServiceProcess;
  readonly #ledger: Ledger;

  static async at(service: ServiceProcess): Promise<Stay> {
    const ledger = new Ledger();
    (await ledger.connect(service.address())).send({ path: `/hold?id=${id}` });
    await service.entered(id);
    return new Stay(service, ledger);
  }

  private constructor(service: ServiceProcess, ledger: Ledger) {
    this.#service = service;
    this.#ledger = ledger;
  }

  /** Let it go: the request is answered, and the lame-duck ends. */
  async release(): Promise<void> {
    this.#service.release(id);
    await Promise.all(this.#ledger.exchanges.map((exchange) => exchange.settled()));
    this.#ledger.destroy();
  }
}
