import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection to a control socket, without manners of its own: what is sent is what the test says. */
export class RawClient {
  readonly socket: Socket;
  readonly #lines: unknown[] = [];
  #rest = '';
  #ended = false;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      const lines = (this.#rest + chunk).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) this.#lines.push(JSON.parse(line));
      this.#wake();
    });
    const end = () => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('error', end).on('end', end).on('close', end);
  }

  static async open(path: string): Promise<RawClient> {
    const socket = connect({ path, allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** One question, and all lines of the answer. */
  static async ask(path: string, text: string | Buffer): Promise<unknown[]> {
    const client = await RawClient.open(path);
    client.socket.write(text);
    const lines = await client.rest();
    client.socket.destroy();
    return lines;
  }

  /** The next line; `undefined` at the end. */
  async line(): Promise<unknown> {
    while (this.#lines.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#lines.shift();
  }

  /** All that still comes. */
  async rest(): Promise<unknown[]> {
    const lines: unknown[] = [];
    for (let line = await this.line(); line !== undefined; line = await this.line()) lines.push(line);
    return lines;
  }
}
