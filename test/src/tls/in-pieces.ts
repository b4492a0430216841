import { type Carry } from '@graceful/conformance/client';

/** Brings what is sent in pieces of `bytes`, one every `everyMs`, as a bad line does. */
export function inPieces(bytes: number, everyMs: number): Carry {
  return (from, to) => {
    const pieces: Buffer[] = [];
    const timer = setInterval(() => {
      const piece = pieces.shift();
      if (piece) to.write(piece);
      else if (from.readableEnded) to.end();
    }, everyMs);
    from.on('data', (data: Buffer) => {
      for (let at = 0; at < data.length; at += bytes) pieces.push(data.subarray(at, at + bytes));
    });
    from.on('error', () => to.resetAndDestroy());
    for (const socket of [from, to]) socket.once('close', () => clearInterval(timer));
  };
}
