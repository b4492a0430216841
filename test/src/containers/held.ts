import { type Connection, type Exchange, Ledger } from '@graceful/conformance/client';
import { untilInFlight } from '../examples/departure.js';
import type { ServiceContainer } from './service-container.js';

/** A request to a program of `programs/` that is in flight until the test says so. */
export class Held implements Disposable {
  readonly exchange: Exchange;
  readonly #ledger: Ledger;
  readonly #second: Connection;

  /** Resolves when the service has it. */
  static async at({ address }: Pick<ServiceContainer, 'address'>): Promise<Held> {
    const ledger = new Ledger();
    // By the time of the release new connections may be refused; this one has been used, and is kept.
    const second = await ledger.connect(address);
    await second.ask({ path: '/' });
    const exchange = (await ledger.connect(address)).send({ path: '/hold' });
    await untilInFlight(address);
    return new Held(exchange, ledger, second);
  }

  private constructor(exchange: Exchange, ledger: Ledger, second: Connection) {
    this.exchange = exchange;
    this.#ledger = ledger;
    this.#second = second;
  }

  /** Let it be answered. */
  async release(): Promise<void> {
    await this.#second.ask({ path: '/release' });
  }

  [Symbol.dispose](): void {
    this.#ledger.destroy();
  }
}
