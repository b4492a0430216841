import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';

type Write = (this: unknown, chunk: unknown, ...rest: unknown[]) => boolean;
type Callback = (error?: Error | null) => void;

/** What Node keeps of a response's head once it is sent; undocumented, and there since 0.x. */
interface WithHead {
  readonly _header?: string | null;
}

/** Whether the head of `response` is sent, and says `text/event-stream` (WHATWG HTML, section 9.2). */
export function isEventStream(response: ServerResponse | ServerHttp2Stream): boolean {
  return /^text\/event-stream\b/i.test(header(response, 'content-type'));
}

function header(response: ServerResponse | ServerHttp2Stream, name: string): string {
  if ('sentHeaders' in response) {
    // Undefined before the head is sent, whatever its type says.
    const sent = response.sentHeaders as typeof response.sentHeaders | undefined;
    // By the names that the handler gave.
    const given = Object.entries(sent ?? {}).find(([key]) => key.toLowerCase() === name);
    return String(given?.[1] ?? '');
  }
  if (!response.headersSent) return '';
  // Headers that were given to `writeHead` stand nowhere else.
  const head = (response as WithHead)._header ?? '';
  return new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1] ?? '';
}

/** Whoever has written nothing for so long, in milliseconds, has hardly stopped in the middle of an event. */
const pauseMs = 1_000;

/** An event stream that will be ended from here, and not by its handler. */
export class EventStream {
  readonly #response: ServerResponse | ServerHttp2Stream;
  /** Whether its bytes are what was written to it: nobody compressed them before. */
  readonly #isPlain: boolean;
  readonly #metAt = performance.now();
  /** The end of what was written since then. */
  #tail = '';

  constructor(response: ServerResponse | ServerHttp2Stream) {
    this.#response = response;
    // A middleware that compresses has put its own `write` there, and compresses ours, too.
    this.#isPlain = Object.hasOwn(response, 'write') || header(response, 'content-encoding') === '';
    const write = response.write as Write;
    const note = (chunk: unknown) => this.#note(chunk);
    response.write = function (this: unknown, ...args: unknown[]) {
      note(args[0]);
      return write.apply(this, args as [unknown]);
    } as typeof response.write;
  }

  /**
   * End it whole, and say when to come back.
   *
   * @param retryMs - the client's reconnection time, in milliseconds (WHATWG HTML, section 9.2.6)
   */
  end(retryMs: number): void {
    const response = this.#response;
    if (response.writableEnded || response.destroyed) return;
    if (this.#isPlain) response.write(this.#lastWords(retryMs));
    response.end();
    // Its handler does not know yet, and a write after the end would be an uncaught error.
    response.write = swallow as typeof response.write;
    response.end = function (this: unknown, ...args: unknown[]) {
      swallow(...args);
      return this;
    } as typeof response.end;
  }

  /**
   * An event that was written in part must not reach the client as if it were
   * whole: it is never dispatched without an empty line behind it. The comment
   * ends its line, if it was in the middle of one.
   */
  #lastWords(retryMs: number): string {
    const isWhole =
      this.#tail === '' ? performance.now() - this.#metAt > pauseMs : this.#tail.endsWith('\n\n');
    return isWhole ? `retry: ${retryMs}\n\n` : `:\nretry: ${retryMs}\n`;
  }

  #note(chunk: unknown): void {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return;
    const text =
      typeof chunk === 'string' ? chunk.slice(-4) : Buffer.from(chunk.slice(-4)).toString('latin1');
    this.#tail = (this.#tail + text).replaceAll('\r\n', '\n').slice(-4);
  }
}

function swallow(...args: unknown[]): boolean {
  const callback = args.find((arg) => typeof arg === 'function') as Callback | undefined;
  if (callback) process.nextTick(callback);
  return true;
}
