import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type Address, within } from '@graceful/conformance/client';

const patienceMs = 30_000;

/** How a client's WebSocket ended, as it saw it. */
export interface Bye {
  readonly code: number;
  readonly reason: string;
  readonly at: number;
}

/** A client of the package `ws` that notes what came. */
export class WsClient {
  readonly messages: string[] = [];
  readonly #socket: WebSocket;
  readonly #bye: Promise<Bye>;
  #closed: Bye | undefined;

  static async open(
    { host, port, tls }: Address,
    { deflate = false }: { readonly deflate?: boolean } = {},
  ): Promise<WsClient> {
    const socket = new WebSocket(`${tls ? 'wss' : 'ws'}://${host}:${port}/`, {
      // The certificate of the fixture is signed by itself.
      rejectUnauthorized: false,
      perMessageDeflate: deflate,
    });
    const client = new WsClient(socket);
    await within(patienceMs, 'an open WebSocket', once(socket, 'open'));
    return client;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.messages.push(data.length > 1_000 ? `${data.length} bytes` : data.toString());
    });
    socket.on('error', () => {});
    this.#bye = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.#closed = { code, reason: reason.toString(), at: performance.now() };
        resolve(this.#closed);
      });
    });
  }

  get closed(): Bye | undefined {
    return this.#closed;
  }

  /** Send something, and wait for what comes back. */
  async ask(text: string): Promise<string> {
    const answer = once(this.#socket, 'message') as Promise<[Buffer]>;
    this.#socket.send(text);
    const [data] = await within(patienceMs, `an answer to ${text}`, answer);
    return data.toString();
  }

  /** Stop reading: what the server sends piles up in the buffers of both sides. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  bye(): Promise<Bye> {
    return within(patienceMs, 'the end of a WebSocket', this.#bye);
  }

  close(): void {
    this.#socket.close(1000);
  }

  destroy(): void {
    this.#socket.terminate();
  }
}
