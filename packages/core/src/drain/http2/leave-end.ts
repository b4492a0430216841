import type { Socket } from 'node:net';
import type { Lingering } from '../linger.js';

/**
 * Leave the end of a connection to its client. Node ends a session's socket
 * behind its last stream, or behind the GOAWAY with which a client answers
 * ours; that client may not have read yet what it has received. One of
 * `node:http2` then drops it over TLS.
 *
 * @param patience - ends the connection when its client does not
 */
export function leaveEnd(socket: Socket, patience: Lingering): void {
  const { end } = socket;
  let isLeft = false;
  socket.end = function (this: Socket, ...args: unknown[]) {
    // The client has ended it, or its time is over.
    if (isLeft || this.readableEnded) return Reflect.apply(end, this, args) as Socket;
    isLeft = true;
    // With what Node said the first time: it wants to be told.
    const endNow = () => void Reflect.apply(end, this, args);
    this.once('end', endNow);
    patience.add(this, endNow);
    return this;
  };
}
