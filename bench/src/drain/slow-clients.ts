import { connect } from 'node:net';
import { AnswerReader } from './answer-reader.js';
import type { Tally } from './tally.js';

/** One `GET` on a connection of its own, which the client would keep; resolves when the connection is over. */
function get(port: number, path: string, tally: Tally, onChunk: (chunk: Buffer, resume: () => void) => void) {
  return new Promise<void>((resolve) => {
    const reader = new AnswerReader();
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let waiting = true;
    socket.write(`GET ${path} HTTP/1.1\r\nHost: orders.example\r\n\r\n`);
    socket.on('data', (chunk: Buffer) => {
      const answer = reader.read(chunk);
      if (answer !== undefined) {
        waiting = false;
        tally.answer(answer.status);
        if (answer.told) socket.end();
        return;
      }
      socket.pause();
      onChunk(chunk, () => socket.resume());
    });
    const gone = (): void => {
      if (waiting) tally.lose();
      waiting = false;
      socket.destroy();
      resolve();
    };
    socket.on('end', gone).on('error', gone).on('close', gone);
  });
}

/** A request that takes the server `ms` to answer. */
export function slowRequest(port: number, ms: number, tally: Tally): Promise<void> {
  return get(port, `/reports/slow?ms=${ms}`, tally, (_chunk, resume) => resume());
}

/** A reader of the large report that takes in `bytesPerSecond` and no more. */
export function slowReader(port: number, bytesPerSecond: number, tally: Tally): Promise<void> {
  return get(port, '/reports/large', tally, (chunk, resume) => {
    setTimeout(resume, (chunk.length / bytesPerSecond) * 1_000);
  });
}
