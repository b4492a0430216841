import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** How many have their end in one turn of the event loop; each comes back as events in the same turn. */
const mostPerTurn = 50;

/**
 * Sockets that have said their last word, in the order in which their time
 * runs out, with one timer for all: a timer and a listener for each would be
 * thousands of them where thousands of connections end.
 */
export class Lingering {
  readonly #waitMs: number;
  #queue: { readonly socket: Socket; readonly until: number; readonly over: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  /** Destroy `socket`, or do what else is said, if it is still there when its time is over. */
  add(socket: Socket, over: () => void = () => void socket.destroy()): void {
    this.#queue.push({ socket, until: performance.now() + this.#waitMs, over });
    this.#schedule(this.#waitMs);
  }

  #turn(): void {
    const now = performance.now();
    let count = 0;
    const first = this.#queue.findIndex(({ socket, until, over }) => {
      if (socket.destroyed) return false;
      if (until > now || count === mostPerTurn) return true;
      count++;
      over();
      return false;
    });
    this.#queue = first === -1 ? [] : this.#queue.slice(first);
    this.#timer = undefined;
    const [next] = this.#queue;
    if (next) this.#schedule(Math.max(1, next.until - now));
  }

  #schedule(inMs: number): void {
    // The sockets themselves keep the process alive; when they are gone, there is nothing to wait for.
    if (!this.#timer) this.#timer = setTimeout(() => this.#turn(), inMs).unref();
  }
}

/** A half-closed connection has half a second to end from the other side. */
const halfClosed = new Lingering(500);
/** A client may go on for two seconds with a body that has been answered already. */
const stillSending = new Lingering(2_000);

/**
 * Say that nothing more will come, and give the client a moment to close.
 * Closing both ways at once answers whatever is still on its way here with a
 * reset, and a reset makes the client's kernel drop what it has received but
 * not yet read (RFC 9112, section 9.6).
 */
export function halfClose(socket: Socket): void {
  halfClosed.add(socket);
  socket.end();
}

/**
 * Node closes a connection both ways as soon as its last response is flushed.
 * Where the request's body is still coming in, let it come to its end first.
 */
export function lingerForBody(socket: Socket, request: IncomingMessage): void {
  // A stream of its own kind has none.
  const destroySoon = socket.destroySoon as Socket['destroySoon'] | undefined;
  if (!destroySoon) return;
  socket.destroySoon = function () {
    if (request.complete) return destroySoon.call(this);
    request.once('close', () => destroySoon.call(this));
    stillSending.add(this);
    this.end();
  };
}
