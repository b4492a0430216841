import { setTimeout as pause } from 'node:timers/promises';
import {
  type Address,
  askAndComeBack,
  askOnFreshConnections,
  ConnectError,
  type Connection,
  Ledger,
  type Pace,
  type RawRequest,
} from '@graceful/conformance/client';
import { RawClient } from '../websocket/raw-client.js';

const get: RawRequest = { path: '/' };
const post: RawRequest = { method: 'POST', path: '/', body: 'x'.repeat(16 * 1024) };
const slow: RawRequest = { path: '/slow?ms=2000' };

/** Where the load goes. */
export interface Targets {
  readonly tcp: Address;
  readonly unix: Address;
}

/** Clients that never retry and keep books, of every kind that a service meets. */
export class Load {
  readonly ledger: Ledger = new Ledger();
  /** WebSockets that ended without a close frame, or did not come about. */
  readonly cut: string[] = [];
  /** WebSockets that were told that they are to come back. */
  told = 0;
  #over = false;
  readonly #clients: Promise<void>[];

  constructor({ tcp, unix }: Targets) {
    this.#clients = [
      ...this.#many(6, () => this.#keptAlive(tcp, { requests: [get, post], thinkMs: 10 })),
      ...this.#many(3, () => this.#fresh(tcp, { requests: [get, post], thinkMs: 20 })),
      ...this.#many(2, () => this.#keptAlive(unix, { requests: [get, post], thinkMs: 15 })),
      ...this.#many(2, () => this.#fresh(unix, { requests: [get], thinkMs: 30 })),
      ...this.#many(4, () => this.#keptAlive(tcp, { requests: [slow, get], thinkMs: 10 })),
      ...this.#many(2, () => this.#talk(tcp)),
    ];
  }

  /** Everybody comes to the end of what they are in the middle of. */
  async end(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#clients);
  }

  /** What went wrong, in words; nothing may. */
  get complaints(): string[] {
    const { lost, broken, refusals, exchanges } = this.ledger;
    return [
      ...lost.map((exchange) => `lost: ${exchange.request.path}, ${exchange.fate}`),
      ...broken.map(({ end }) => `broken: ${end?.detail}`),
      ...refusals.map(({ code }) => `no connection: ${code}`),
      ...exchanges
        .filter(({ response, fate }) => fate === 'answered' && response?.status !== 200)
        .map(({ response }) => `answered ${response?.status}`),
      ...exchanges
        .filter(
          ({ request, response }) =>
            request.method === 'POST' && response && !response.body.includes('16384'),
        )
        .map(() => 'a body that did not arrive whole'),
      ...this.cut,
    ];
  }

  #many(count: number, client: () => Promise<void>): Promise<void>[] {
    return Array.from({ length: count }, client);
  }

  #keptAlive(address: Address, pace: Pace): Promise<void> {
    return this.#stubbornly(() =>
      askAndComeBack(
        () => this.#connect(address),
        pace,
        () => this.#over,
      ),
    );
  }

  #fresh(address: Address, pace: Pace): Promise<void> {
    return this.#stubbornly(() =>
      askOnFreshConnections(
        () => this.#connect(address),
        pace,
        () => this.#over,
      ),
    );
  }

  /** The clients leave where nobody opens; here that is a loss, which is in the books, and they come back. */
  async #stubbornly(client: () => Promise<void>): Promise<void> {
    while (!this.#over) {
      await client();
      if (!this.#over) await pause(10);
    }
  }

  async #connect(address: Address): Promise<Connection> {
    return this.ledger.connect(address);
  }

  /** One message after the other, each answered; a close frame sends it to a new connection. */
  async #talk(address: Address): Promise<void> {
    while (!this.#over) {
      const client = await RawClient.open(address, { path: '/live' }).catch((error: unknown) => {
        this.cut.push(`no WebSocket: ${error instanceof ConnectError ? error.code : String(error)}`);
        return undefined;
      });
      if (!client) return;
      for (let message = 0; !this.#over && !client.closeFrame && !client.ended; message++) {
        client.say(`message ${message}`);
        const echoes = () => client.frames.filter(({ opcode }) => opcode === 1).length;
        await client.until(
          'an echo',
          () => echoes() > message || client.closeFrame !== undefined || client.ended,
        );
        await pause(25);
      }
      if (client.closeFrame) this.told++;
      else if (client.ended) this.cut.push('a WebSocket cut without a close frame');
      client.destroy();
    }
  }
}
