import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** The server said `Connection: close`: nothing more may be asked here. */
  readonly told: boolean;
}

/** A request went out whole and its answer did not come back whole. */
export class Lost extends Error {
  override readonly name = 'Lost';
}

/**
 * An HTTP/1.1 client of one connection and of the least patience: it never
 * retries and hides nothing, as `fetch` and `http.Agent` do.
 */
export class RawConnection {
  /** Resolves when the connection is closed, by whomever. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  #received = '';
  #usable = true;
  #answered: { resolve(answer: Answer): void; reject(error: Lost): void } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1').setNoDelay(true);
    socket.on('data', (text: string) => this.#receive(text));
    socket.on('error', (error) => this.#ended(error.message));
    socket.on('end', () => this.#ended('the connection ended'));
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#ended('the connection closed');
        resolve();
      });
    });
  }

  /** Rejects where nobody listens; no request was written then. */
  static async open(port: number): Promise<RawConnection> {
    return await new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RawConnection(socket));
      });
    });
  }

  /** Whether a further request may be sent, as far as a client can know. */
  get usable(): boolean {
    return this.#usable;
  }

  /** Resolves with the whole answer, or rejects with {@link Lost}. */
  async request(method: string, path: string, body = ''): Promise<Answer> {
    const head = `${method} ${path} HTTP/1.1\r\nHost: orders\r\nContent-Type: application/json\r\n`;
    return await new Promise((resolve, reject) => {
      this.#answered = { resolve, reject };
      this.#socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    });
  }

  close(): void {
    this.#usable = false;
    this.#socket.end();
  }

  #receive(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = this.#received.slice(0, headEnd);
    const length = /^content-length: *(\d+)/im.exec(head)?.[1];
    if (length === undefined) return this.#ended(`an answer without Content-Length: ${head}`);
    if (this.#received.length < headEnd + 4 + Number(length)) return;

    this.#received = '';
    const told = /^connection: *close/im.test(head);
    if (told) this.close();
    this.#answered?.resolve({ status: Number(head.slice(9, 12)), told });
    this.#answered = undefined;
  }

  #ended(how: string): void {
    this.#usable = false;
    this.#answered?.reject(new Lost(`${how} after ${this.#received.length} bytes of the answer`));
    this.#answered = undefined;
    this.#socket.end();
  }
}
