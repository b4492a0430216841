import { io, type Socket } from 'socket.io-client';
import { type Address, within } from '@graceful/conformance/client';
import { Looks } from './looks.js';

const patienceMs = 30_000;

/** What socket.io-client says when it has lost its server. */
export interface Loss {
  readonly reason: string;
  /** Of the close frame, where there was one. */
  readonly code: number | undefined;
}

/** A client of socket.io that connects again by itself, as it is made to. */
export class IoClient {
  readonly messages: string[] = [];
  readonly losses: Loss[] = [];
  readonly #socket: Socket;
  readonly #looks = new Looks();
  #connects = 0;

  static async open({ port }: Address, transport: 'websocket' | 'polling'): Promise<IoClient> {
    const client = new IoClient(
      io(`http://127.0.0.1:${port}`, {
        transports: [transport],
        forceNew: true,
        reconnectionDelay: 20,
        reconnectionDelayMax: 100,
      }),
    );
    await client.connected(1);
    return client;
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('connect', () => {
      this.#connects++;
      this.#looks.changed();
    });
    socket.on('message', (data: string | Buffer) => {
      this.messages.push(data.length > 1_000 ? `${data.length} bytes` : data.toString());
      this.#looks.changed();
    });
    socket.on('disconnect', (reason, details) => {
      const { context } = (details ?? {}) as { context?: { code?: number } };
      this.losses.push({ reason, code: context?.code });
      this.#looks.changed();
    });
  }

  /** Resolves when it has been connected `times`, the first time included. */
  async connected(times: number): Promise<void> {
    await this.#looks.until(`connected ${times} times`, () => this.#connects >= times);
  }

  /** Resolves with the first loss of its server. */
  async lost(): Promise<Loss> {
    await this.#looks.until('a loss', () => this.losses.length > 0);
    return this.losses[0] as Loss;
  }

  async ask(question: string): Promise<string> {
    return (await within(patienceMs, 'an answer', this.#socket.emitWithAck('ask', question))) as string;
  }

  /** Stop reading; with the transport `websocket`. */
  pause(): void {
    this.#webSocket().pause();
  }

  resume(): void {
    this.#webSocket().resume();
  }

  destroy(): void {
    this.#socket.disconnect();
  }

  #webSocket(): { pause(): void; resume(): void } {
    const { transport } = this.#socket.io.engine as unknown as {
      transport: { ws: { pause(): void; resume(): void } };
    };
    return transport.ws;
  }
}
