import {
  askAndComeBack,
  askOnFreshConnections,
  type Address,
  Ledger,
  within,
} from '@graceful/conformance/client';
import { expect } from 'vitest';

const patienceMs = 50_000;
/** What clients ask in turn. */
const requests = {
  small: { path: '/' },
  large: { method: 'POST', path: '/echo', body: 'x'.repeat(16_384) },
  slow: { path: '/slow?ms=2000' },
} as const;

/** Where a service is reached, and how many of each kind of client there are. */
export interface LoadPlan {
  readonly at: Address;
  readonly unix?: Address;
  /** Of clients that keep their connection, of those that do not, and of those that are answered after 2 s. */
  readonly kept?: number;
  readonly fresh?: number;
  readonly slow?: number;
}

/** Clients that never try again, and want an answer to each request, until they are told to end. */
export class Load implements Disposable {
  readonly ledger: Ledger = new Ledger();
  readonly #clients: Promise<void>[] = [];
  #over = false;

  constructor({ at, unix, kept = 2, fresh = 2, slow = 1 }: LoadPlan) {
    const over = () => this.#over;
    const everything = { requests: [requests.small, requests.large], thinkMs: 5 };
    for (const address of unix ? [at, unix] : [at]) {
      const connect = () => this.ledger.connect(address);
      for (let client = 0; client < kept; client++)
        this.#clients.push(askAndComeBack(connect, everything, over));
      for (let client = 0; client < fresh; client++)
        this.#clients.push(askOnFreshConnections(connect, everything, over));
      for (let client = 0; client < slow; client++)
        this.#clients.push(askOnFreshConnections(connect, { requests: [requests.slow], thinkMs: 5 }, over));
    }
  }

  /** Resolves when so many more requests have been answered than when it was asked. */
  async more(count = 20): Promise<void> {
    const answered = this.ledger.exchanges.filter(({ fate }) => fate === 'answered').length;
    await within(patienceMs, `${count} more answers`, this.ledger.answers(answered + count));
  }

  /** End, when each client has its last answer; nothing may have been lost. */
  async nothingLost(): Promise<{ readonly answered: number; readonly versions: readonly string[] }> {
    this.#over = true;
    await within(patienceMs, 'the clients', Promise.all(this.#clients));
    const { exchanges, refusals, broken } = this.ledger;
    expect(refusals).toEqual([]);
    expect(exchanges.filter(({ fate }) => fate !== 'answered').map((each) => each.describe())).toEqual([]);
    expect(broken.map(({ end }) => end)).toEqual([]);
    expect(exchanges.filter(({ response }) => response?.status !== 200)).toEqual([]);
    const versions = exchanges.map(({ response }) => JSON.parse(String(response?.body)).version as string);
    return { answered: exchanges.length, versions: [...new Set(versions)] };
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.ledger.destroy();
  }
}
