import type { ClientRequest, IncomingMessage } from 'node:http';
import { Lines } from '../protocol/lines.js';
import type { StreamEvent } from '../protocol/wire.js';
import { type Exchange, type Outcome, send } from './exchange.js';
import { streamEventOf } from './stream-event.js';

/** A companion has a word or two to say a minute. One that says more than so many in a second is none. */
const mostLines = 256;

/** What is done with a stream. */
export interface EventStreamParts extends Pick<Exchange, 'socket' | 'path' | 'token' | 'timeoutMs'> {
  readonly onOpen: () => void;
  readonly onEvent: (event: StreamEvent) => void;
  /** Once, unless it was closed from here. */
  readonly onEnd: (outcome: Outcome) => void;
}

/** What a companion has to say to one instance, for as long as it lives: NDJSON. Its end is how either hears of the other's. */
export class EventStream {
  readonly #parts: EventStreamParts;
  readonly #sent: ClientRequest;
  readonly #lines = new Lines();
  #ended = false;
  #window = { since: 0, lines: 0 };

  constructor(parts: EventStreamParts) {
    this.#parts = parts;
    this.#sent = send(
      { ...parts, method: 'GET' },
      { answered: (response) => this.#opened(response), failed: (outcome) => this.#end(outcome) },
    );
  }

  close(): void {
    this.#ended = true;
    this.#sent.destroy();
  }

  #opened(response: IncomingMessage): void {
    response.on('error', () => this.#end({ type: 'nobody', why: 'the stream was cut' }));
    response.on('end', () => this.#end({ type: 'nobody', why: 'the stream ended' }));
    if (response.statusCode !== 200) {
      this.#end({ type: 'answer', status: response.statusCode ?? 0, body: undefined });
      return;
    }
    response.on('data', (chunk: Buffer) => this.#take(chunk));
    if (!this.#ended) this.#parts.onOpen();
  }

  #take(chunk: Buffer): void {
    let lines: string[];
    try {
      lines = this.#lines.push(chunk);
    } catch {
      this.#end({ type: 'garbage', why: 'a line without an end' });
      return;
    }
    for (const line of lines) {
      if (this.#ended) return;
      if (this.#isFlood()) {
        this.#end({ type: 'garbage', why: `more than ${mostLines} lines in a second` });
        return;
      }
      const event = streamEventOf(line);
      if (event) this.#parts.onEvent(event);
    }
  }

  #isFlood(): boolean {
    const now = performance.now();
    if (now - this.#window.since > 1_000) this.#window = { since: now, lines: 0 };
    return ++this.#window.lines > mostLines;
  }

  #end(outcome: Outcome): void {
    if (this.#ended) return;
    this.close();
    this.#parts.onEnd(outcome);
  }
}
