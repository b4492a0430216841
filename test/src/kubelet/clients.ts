import {
  type Address,
  askAndComeBack,
  askOnFreshConnections,
  Ledger,
  type Pace,
  within,
} from '@graceful/conformance/client';
import { harm } from '../examples/harm.js';
import { Turns } from '../harness/turns.js';

const mixed: Pace = {
  requests: [
    { path: '/' },
    { path: '/slow?ms=150' },
    { path: '/echo', method: 'POST', body: 'a small order' },
    { path: '/count', method: 'POST', body: Buffer.alloc(50_000, 'large ') },
  ],
  thinkMs: 20,
};
const patienceMs = 60_000;

/** How many clients there are of each kind. */
export interface ClientPlan {
  /** Those that keep their connection until they are told to leave it. */
  readonly kept?: number;
  /** Those that open one for each request. */
  readonly fresh?: number;
  /** What they ask; a mixture, where it is not said. */
  readonly pace?: Pace;
}

/** Clients of a service that never try anything twice, until they are told to stop. */
export class Clients implements Disposable {
  readonly ledger: Ledger = new Ledger();
  readonly #turns: Turns;
  readonly #over: Promise<unknown>;

  constructor(
    address: Pick<Address, 'host' | 'port'>,
    { kept = 3, fresh = 3, pace = mixed }: ClientPlan = {},
  ) {
    this.#turns = new Turns(kept + fresh);
    const connect = () => this.ledger.connect({ ...address, tls: false });
    this.#over = Promise.all(
      Array.from({ length: kept + fresh }, (_none, client) =>
        (client < kept ? askAndComeBack : askOnFreshConnections)(connect, pace, () =>
          this.#turns.enough(client),
        ),
      ),
    );
  }

  /** Resolves when each of them has begun so many turns more: what it was in the middle of has come to its end. */
  async more(turns = 3): Promise<void> {
    await within(patienceMs, `${turns} more turns of every client`, this.#turns.more(turns));
  }

  /** What they would complain about, when each of them has its last answer. */
  async complaints(): Promise<readonly string[]> {
    this.#turns.end();
    await within(patienceMs, 'the last answers', this.#over);
    return harm(this.ledger);
  }

  /** How many answers they got. */
  get answered(): number {
    return this.ledger.exchanges.filter(({ fate }) => fate === 'answered').length;
  }

  [Symbol.dispose](): void {
    this.#turns.end();
    this.ledger.destroy();
  }
}
