import type { ServerHttp2Stream, ServerStreamResponseOptions } from 'node:http2';
import type { Writable } from 'node:stream';

type Write = Writable['_write'];
type Writev = NonNullable<Writable['_writev']>;
type Final = NonNullable<Writable['_final']>;
type Respond = ServerHttp2Stream['respond'];

/**
 * Do something when a response is about to end, before its last frame is
 * written. For whoever says there what is to come: the client reads it first.
 *
 * The frame that ends a response may be its last piece of body, one of its
 * own, or its head; each has its own way through Node. Only a file that Node
 * sends by itself ends unseen.
 *
 * @param before - told once; the response ends when it calls `end`
 */
export function beforeEnd(stream: ServerHttp2Stream, before: (end: () => void) => void): void {
  let isTold = false;
  const ending = (end: () => void) => {
    if (isTold) return end();
    isTold = true;
    before(end);
  };

  /** That a piece is the last is known a tick later: `end(piece)` writes it before it ends. */
  const afterTick = (bytes: number, write: () => void) => {
    process.nextTick(() => {
      const isLast = stream.writableEnded && stream.writableLength === bytes;
      if (isLast) ending(write);
      else write();
    });
  };
  const write: Write = stream._write;
  stream._write = function (piece: string | Buffer, encoding, callback) {
    afterTick(piece.length, () => write.call(this, piece, encoding, callback));
  };
  const writev = stream._writev as Writev;
  stream._writev = function (pieces, callback) {
    const bytes = pieces.reduce((sum, { chunk }) => sum + (chunk as string | Buffer).length, 0);
    afterTick(bytes, () => writev.call(this, pieces, callback));
  };

  const final: Final = stream._final;
  stream._final = function (this: ServerHttp2Stream, callback) {
    // Reset: there is no end to come.
    if (this.closed) return final.call(this, callback);
    ending(() => {
      // Meanwhile it may have been; Node's own would throw then.
      if (this.destroyed) callback();
      else final.call(this, callback);
    });
  };

  // A head that is all of a response would be gone at once: its end becomes a frame of its own.
  const respond: Respond = stream.respond;
  stream.respond = function (headers, options: ServerStreamResponseOptions = {}) {
    respond.call(this, headers, { ...options, endStream: false });
    if (options.endStream) this.end();
  };
}
