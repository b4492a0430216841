import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** How long a half-closed connection may take to end from the other side, in milliseconds. */
const lingerMs = 500;
/** How long a client may go on sending a body that has been answered already, in milliseconds. */
const bodyMs = 2_000;

/**
 * Say that nothing more will come, and give the client a moment to close.
 * Closing both ways at once answers whatever is still on its way here with a
 * reset, and a reset makes the client's kernel drop what it has received but
 * not yet read (RFC 9112, section 9.6).
 */
export function halfClose(socket: Socket, waitMs: number = lingerMs): void {
  const timer = setTimeout(() => socket.destroy(), waitMs);
  socket.once('close', () => clearTimeout(timer));
  socket.end();
}

/**
 * Node closes a connection both ways as soon as its last response is flushed.
 * Where the request's body is still coming in, let it come to its end first.
 */
export function lingerForBody(socket: Socket, request: IncomingMessage): void {
  const destroySoon = socket.destroySoon;
  socket.destroySoon = function () {
    if (request.complete) return destroySoon.call(this);
    request.once('close', () => destroySoon.call(this));
    halfClose(this, bodyMs);
  };
}
