import type { RawRequest, WireRequest } from './request.js';
import { toWire } from './request.js';
import type { RawResponse } from './response-parser.js';

/**
 * What became of a request. `lost`: written whole (or its answer begun) and
 * not answered whole. `withdrawn`: the connection had ended before the
 * request was written whole, and the client knew; it may ask elsewhere.
 */
export type Fate = 'unsent' | 'sending' | 'waiting' | 'answered' | 'lost' | 'withdrawn';

/** What a request needs of its connection. */
export interface Line {
  /** Whether a client would still send something here. */
  readonly usable: boolean;
  begins(exchange: Exchange): void;
  write(bytes: Buffer): void;
}

/** A request was lost, and with it what the scenario wanted to see of the answer. */
export class LostRequest extends Error {
  /** Tells it apart where classes do not. */
  override readonly name = 'LostRequest';
}

/** One request and its answer. Times are `performance.now()` of this process. */
export class Exchange {
  /** As the scenario wrote it down. */
  readonly request: RawRequest;
  /** As it goes over the wire. */
  readonly wire: WireRequest;
  readonly #line: Line;
  readonly #done: Promise<void>;
  #settle!: () => void;
  #sent = 0;
  #fate: Fate = 'unsent';
  #why = '';
  readonly #begun: Promise<void>;
  #begin!: () => void;
  /** As far as it has come. */
  response: RawResponse | undefined;
  /** When the head of its answer had come. */
  headAt: number | undefined;
  /** When its first byte was given to the socket. */
  beganAt: number | undefined;
  /** When its last byte was given to the socket. */
  writtenAt: number | undefined;
  /** When the last byte of the answer had come. */
  answeredAt: number | undefined;

  constructor(request: RawRequest, line: Line) {
    this.request = request;
    this.wire = toWire(request);
    this.#line = line;
    this.#done = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
  }

  /** What became of it so far. */
  get fate(): Fate {
    return this.#fate;
  }

  /** Send the next `bytes` of the request, or all that is left of it. */
  send(bytes: number = this.unsentBytes): this {
    if (!this.#line.usable) {
      this.#decide('withdrawn', 'the connection had ended before it was sent');
      return this;
    }
    const part = this.wire.bytes.subarray(this.#sent, this.#sent + bytes);
    this.noteSent(part.length);
    this.#line.write(part);
    return this;
  }

  /** What is left of the request. */
  get unsentBytes(): number {
    return this.wire.bytes.length - this.#sent;
  }

  /** The answer, when it has come whole. */
  async answer(): Promise<RawResponse> {
    await this.#done;
    if (this.#fate !== 'answered' || this.response === undefined) {
      throw new LostRequest(this.describe());
    }
    return this.response;
  }

  /** Resolves when it is decided what became of the request; never rejects. */
  async settled(): Promise<Fate> {
    await this.#done;
    return this.#fate;
  }

  /** Resolves when its answer has begun to come, or will not; never rejects. */
  async begun(): Promise<void> {
    await Promise.race([this.#begun, this.#done]);
  }

  /** For the connection: `count` more bytes are on their way. */
  noteSent(count: number): void {
    const now = performance.now();
    if (this.#fate === 'unsent') {
      this.#fate = 'sending';
      this.beganAt = now;
      this.#line.begins(this);
    }
    this.#sent += count;
    if (this.unsentBytes === 0 && this.#fate === 'sending') {
      this.#fate = 'waiting';
      this.writtenAt = now;
    }
  }

  /** For the connection: the head of the answer has come. */
  headCame(response: RawResponse): void {
    this.response = response;
    this.headAt = performance.now();
    this.#begin();
  }

  /** For the connection: the answer has come whole. */
  answered(): void {
    this.answeredAt = performance.now();
    this.#decide('answered', '');
  }

  /** For the connection: it has ended, by the client itself or not, and no answer will come. */
  ended(why: string, byClient: boolean): void {
    const unanswerable = this.writtenAt === undefined && this.response === undefined;
    this.#decide(byClient || unanswerable ? 'withdrawn' : 'lost', why);
  }

  /** What was asked and what became of it, in a line. */
  describe(): string {
    const { method = 'GET', path } = this.request;
    const got = this.response
      ? `, ${this.response.bodyBytes} bytes of a ${this.response.status} had come`
      : '';
    return `${method} ${path}: ${this.#fate}${this.#why && `, ${this.#why}`}${got}`;
  }

  #decide(fate: Fate, why: string): void {
    if (this.#fate === 'answered' || this.#fate === 'lost' || this.#fate === 'withdrawn') return;
    this.#fate = fate;
    this.#why = why;
    this.#settle();
  }
}
