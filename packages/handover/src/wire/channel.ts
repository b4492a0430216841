import type { Socket } from 'node:net';

/** What a channel tells. */
export interface ChannelListener {
  readonly line: (line: string) => void;
  /** A line longer than what is allowed; nothing is read after it. */
  readonly oversized: (limit: number) => void;
  /** Nothing more will come: the other end has closed, or its process has died. */
  readonly end: () => void;
}

/**
 * Lines in both directions over one socket. Does not hold the event loop,
 * unless asked to: a process must not live on because it can be talked to.
 */
export class Channel {
  /** Of a line, in characters. */
  limit: number;
  readonly #socket: Socket;
  #read = '';
  #closed = false;
  #holders = 0;
  #ended = false;

  constructor(socket: Socket, limit: number, listener: ChannelListener) {
    this.#socket = socket;
    this.limit = limit;
    socket.unref();
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      this.#read += chunk;
      for (;;) {
        const end = this.#read.indexOf('\n');
        if (end === -1 ? this.#read.length > this.limit : end > this.limit) {
          this.#read = '';
          socket.pause();
          listener.oversized(this.limit);
          return;
        }
        if (end === -1 || this.#closed) return;
        const line = this.#read.slice(0, end);
        this.#read = this.#read.slice(end + 1);
        listener.line(line);
      }
    });
    // Whoever dies with something unread resets the socket: that, too, is its end.
    socket.on('error', () => {});
    const end = () => {
      if (this.#ended) return;
      this.#ended = true;
      listener.end();
    };
    socket.once('end', end);
    socket.once('close', () => {
      this.#closed = true;
      end();
    });
  }

  /** Send one message. To an end that has closed it is lost, without an error: its exit is told elsewhere. */
  send(message: object): void {
    if (this.#closed || this.#socket.destroyed || !this.#socket.writable) return;
    this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  /** Hold the event loop: somebody waits for a word, and has nothing else to do. */
  hold(): Disposable {
    this.#holders++;
    this.#socket.ref();
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        this.#holders--;
        if (this.#holders === 0) this.#socket.unref();
      },
    };
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }
}
