import { once } from 'node:events';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { certificate } from '../services/certificate.js';

/** Somebody who listens, for one test, and knows of every connection. */
export class Door {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly #wake = new Set<() => void>();
  /** How many have ever come. */
  came = 0;

  /** Accepts, and says what `greets` says; nothing without it. */
  static async tcp(where: ListenOptions, greets: (socket: Socket) => void = () => {}): Promise<Door> {
    return new Door(createServer(greets)).#listen(where);
  }

  static async http(where: ListenOptions, answers: RequestListener): Promise<Door> {
    return new Door(createHttp(answers)).#listen(where);
  }

  /** With a certificate for localhost that is signed by itself. */
  static async https(where: ListenOptions, answers: RequestListener): Promise<Door> {
    return new Door(createHttps(certificate, answers)).#listen(where);
  }

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.came += 1;
      this.#open.add(socket);
      socket.on('error', () => {});
      // What is not read does not end.
      socket.resume();
      socket.once('close', () => {
        this.#open.delete(socket);
        for (const wake of this.#wake) wake();
        this.#wake.clear();
      });
    });
    onTestFinished(() => this.close());
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('Expected it to listen on a port.');
    return address.port;
  }

  /** Resolves when nobody is connected. */
  async empty(): Promise<void> {
    while (this.#open.size > 0) await new Promise<void>((resolve) => this.#wake.add(resolve));
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #listen(where: ListenOptions): Promise<this> {
    this.#server.listen('path' in where ? where : { host: '127.0.0.1', ...where });
    await once(this.#server, 'listening');
    return this;
  }
}
