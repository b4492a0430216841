import type { Socket } from 'node:net';
import { longestRequest } from './request.js';

/** What came of waiting for the one line that a client sends. */
export type RequestLine =
  | { readonly kind: 'line'; readonly line: Buffer }
  | { readonly kind: 'oversized' }
  | { readonly kind: 'slow' }
  /** It went without a word. */
  | { readonly kind: 'gone' };

const newline = 0x0a;

/**
 * Read one line, or what came before the client closed its side. Whatever
 * follows it is thrown away as it comes, so that a client that goes on
 * sending is not held up before it has read the answer.
 */
export function readRequestLine(socket: Socket, timeMs: number): Promise<RequestLine> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (result: RequestLine) => {
      clearTimeout(timer);
      socket.off('data', onData).off('end', onEnd).off('close', onClose);
      socket.resume();
      resolve(result);
    };
    const onData = (chunk: Buffer) => {
      const end = chunk.indexOf(newline);
      const part = end === -1 ? chunk : chunk.subarray(0, end);
      length += part.length;
      if (length > longestRequest) return settle({ kind: 'oversized' });
      chunks.push(part);
      if (end !== -1) settle({ kind: 'line', line: Buffer.concat(chunks) });
    };
    const onEnd = () => settle(length > 0 ? { kind: 'line', line: Buffer.concat(chunks) } : { kind: 'gone' });
    const onClose = () => settle({ kind: 'gone' });
    const timer = setTimeout(() => settle({ kind: 'slow' }), timeMs);
    socket.on('data', onData).on('end', onEnd).on('close', onClose);
  });
}
