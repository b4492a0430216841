import { setTimeout as pause } from 'node:timers/promises';
import { ConnectError, type Connection } from './connection.js';

/** How often a load balancer asks, and after how many refusals it believes them. */
const readiness = { everyMs: 20, threshold: 3 };

/** Asks a service how it is, as a load balancer does, until it may get no more new connections. */
export class Balancer {
  readonly #connect: () => Promise<Connection>;
  readonly #path: string;
  #unready = 0;

  constructor(connect: () => Promise<Connection>, path = '/readyz') {
    this.#connect = connect;
    this.#path = path;
  }

  /** The service is out of rotation: nothing new is sent to it. */
  get out(): boolean {
    return this.#unready >= readiness.threshold;
  }

  /** Resolves when the service is out of rotation. */
  async watch(): Promise<void> {
    while (!this.out) {
      this.#unready = (await this.#ready()) ? 0 : this.#unready + 1;
      await pause(readiness.everyMs);
    }
  }

  async #ready(): Promise<boolean> {
    try {
      const connection = await this.#connect();
      const { status } = await connection.ask({ path: this.#path, probe: true });
      connection.close();
      return status === 200;
    } catch (error) {
      if (error instanceof ConnectError) return false;
      throw error;
    }
  }
}
