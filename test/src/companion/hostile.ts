import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Address, endpointOf, within } from '@graceful/conformance/client';

const patienceMs = 30_000;

/** A connection without any manners: it sends what a test says, and keeps what comes. */
export class Wire implements Disposable {
  readonly socket: Socket;
  readonly ended: Promise<void>;
  #text = '';

  static async open(address: Address): Promise<Wire> {
    const socket = connect({ ...endpointOf(address), allowHalfOpen: true });
    await once(socket, 'connect');
    return new Wire(socket);
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => void (this.#text += text));
    socket.on('error', () => {});
    this.ended = new Promise((resolve) => {
      for (const event of ['end', 'close']) socket.once(event, () => resolve());
    });
  }

  send(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  /** As much as the other side takes, until it takes no more. */
  flood(piece: Buffer): void {
    const more = () => {
      while (this.socket.writable && this.socket.write(piece));
    };
    this.socket.on('drain', more);
    more();
  }

  /** All that has come when the other side has ended. */
  async answer(): Promise<string> {
    await within(patienceMs, 'the end of the connection', this.ended);
    return this.#text;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** The refusal in an answer as it came over the wire: its status and its error. */
export function refusalIn(answer: string): { status: number; code: string; message: string } {
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
  const { error } = JSON.parse(body) as { error: { code: string; message: string } };
  return { status: Number(head.split(' ')[1]), ...error };
}
