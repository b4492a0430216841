import { setTimeout as sleep } from 'node:timers/promises';
import { RawConnection } from './raw-connection.js';
import type { Sample, Tally } from './tally.js';

const everyMs = 50;
const readyMs = 10_000;
/** Endpoints spread slowly: the first proxy of a cluster hears of it after a second, the last after four. */
const firstHearsMs = 1_000;
const lastHearsMs = 4_000;

/** Watches `/readyz` as a balancer does, and stops sending new connections some time after it turned. */
export class Balancer {
  readonly #port: number;
  readonly #tally: Tally;
  #turnedAt: number | undefined;

  constructor(port: number, tally: Tally) {
    this.#port = port;
    this.#tally = tally;
  }

  /** When `/readyz` was first seen not to be 200. */
  get turnedAt(): number | undefined {
    return this.#turnedAt;
  }

  /** Whether a new connection still comes here. `place`, from 0 to 1: how far away the client's proxy is. */
  sends(place: number): boolean {
    if (this.#turnedAt === undefined) return true;
    return performance.now() - this.#turnedAt < firstHearsMs + place * (lastHearsMs - firstHearsMs);
  }

  /** Resolves when the service is ready, rejects when it does not become so. */
  async ready(): Promise<void> {
    const deadline = performance.now() + readyMs;
    while ((await probe(this.#port)) !== 200) {
      if (performance.now() > deadline) throw new Error(`the service was not ready within ${readyMs} ms`);
      await sleep(everyMs);
    }
  }

  /** Watch until nobody listens any more. */
  async watch(): Promise<void> {
    for (;;) {
      const readiness = await probe(this.#port);
      const at = performance.now();
      this.#tally.readiness.push({ at, readiness });
      if (readiness !== 200) this.#turnedAt ??= at;
      if (readiness === 'refused') return;
      await sleep(everyMs);
    }
  }
}

async function probe(port: number): Promise<Sample['readiness']> {
  try {
    const connection = await RawConnection.open(port);
    const { status } = await connection.request('GET', '/readyz');
    connection.close();
    return status === 200 ? 200 : 503;
  } catch {
    return 'refused';
  }
}
