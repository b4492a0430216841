import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { AnswerReader } from '../drain/answer-reader.js';
import type { Instance } from './balancer.js';
import type { Books } from './books.js';

const request = 'GET / HTTP/1.1\r\nHost: orders.example\r\n\r\n';

/** A connection that a client keeps for as long as it may. One request at a time. */
export class Line {
  readonly instance: Instance;
  readonly #books: Books;
  readonly #socket: Socket;
  readonly #reader = new AnswerReader();
  #settle: ((answered: boolean) => void) | undefined;
  #over = false;
  connected = false;
  answers = 0;

  constructor(instance: Instance, tls: boolean, books: Books) {
    this.instance = instance;
    this.#books = books;
    const to = { port: instance.port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true };
    this.#socket = tls ? connectSecure({ ...to, rejectUnauthorized: false }) : connectPlain(to);
    this.#socket.once(tls ? 'secureConnect' : 'connect', () => {
      this.connected = true;
      books.opened(this);
    });
    this.#socket.on('data', (chunk: Buffer) => {
      const answer = this.#reader.read(chunk);
      if (!answer) return;
      this.answers++;
      this.#settled(true);
      if (answer.told) this.end();
    });
    for (const event of ['end', 'error', 'close']) this.#socket.on(event, () => this.end());
  }

  /** Whether the next request may go here. */
  get usable(): boolean {
    return !this.#over;
  }

  /** Whether it was answered. */
  ask(): Promise<boolean> {
    this.#socket.write(request);
    return new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** By either side. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.end();
    this.#socket.destroySoon();
    this.#books.closed(this);
    if (!this.#settle) return;
    this.#books.unanswered(this);
    this.#settled(false);
  }

  #settled(answered: boolean): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(answered);
  }
}
