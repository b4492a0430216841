import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Instance } from '../pod/instance.js';
import type { StreamEvent } from '../protocol/wire.js';

/** Of one who does not read, so much waits, in bytes; then it is as good as gone. */
const mostUnread = 65_536;

/**
 * How often to look whether the end of a stream is all there is. Bytes that a
 * process sent on other connections before it ended are in the kernel by then,
 * so that a few turns of the event loop read them: accept, head, body.
 */
const turns = 8;

/** The streams of the instances: events go down, and their end is the end of whoever reads. */
export class InstanceStreams {
  readonly #streams = new Map<Instance, ServerResponse>();
  readonly #onEnd: (instance: Instance, isFinal: boolean) => void;

  /** @param onEnd - called at once, and again, with true, when nothing else can come of it */
  constructor(onEnd: (instance: Instance, isFinal: boolean) => void) {
    this.#onEnd = onEnd;
  }

  has(instance: Instance): boolean {
    return this.#streams.has(instance);
  }

  /** A later one takes over. */
  open(instance: Instance, request: IncomingMessage, response: ServerResponse, hello: StreamEvent): void {
    const earlier = this.#streams.get(instance);
    this.#streams.set(instance, response);
    earlier?.end();
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    // Nobody else hears of a client that resets it.
    response.on('error', () => {});
    request.on('error', () => {});
    response.on('close', () => this.#closed(instance, response));
    this.#write(response, hello);
  }

  send(instance: Instance, event: StreamEvent): void {
    const response = this.#streams.get(instance);
    if (response) this.#write(response, event);
  }

  /** The companion ends; nobody else does by that. */
  close(): void {
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    for (const response of streams) response.end();
  }

  #write(response: ServerResponse, event: StreamEvent): void {
    if (response.destroyed) return;
    response.write(`${JSON.stringify(event)}\n`);
    if (response.writableLength > mostUnread) response.destroy();
  }

  #closed(instance: Instance, response: ServerResponse): void {
    if (this.#streams.get(instance) !== response) return;
    this.#streams.delete(instance);
    this.#onEnd(instance, false);
    let left = turns;
    const turn = () => {
      // It is back, on another stream.
      if (this.#streams.has(instance)) return;
      left--;
      if (left > 0) setImmediate(turn);
      else this.#onEnd(instance, true);
    };
    setImmediate(turn);
  }
}
