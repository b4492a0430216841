import type { Socket } from 'node:net';
import { Refused } from '../protocol/refused.js';
import { limits } from '../protocol/wire.js';
import { refusalText } from './answer.js';

/** How a server refuses what is no request of HTTP, or none in time (event `clientError`). */
export function refuseClient(
  error: NodeJS.ErrnoException,
  socket: Socket,
  headBytes: number = limits.headBytes,
): Refused | undefined {
  if (!socket.writable) {
    socket.destroy();
    return undefined;
  }
  const refused = refusedOf(error.code, headBytes);
  if (!refused) {
    // It went away by itself.
    socket.destroy();
    return undefined;
  }
  socket.end(refusalText(refused), () => socket.destroy());
  return refused;
}

function refusedOf(code: string | undefined, headBytes: number): Refused | undefined {
  if (code === 'ECONNRESET' || code === 'EPIPE') return undefined;
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new Refused('head-too-large', `expected a head of at most ${headBytes} bytes, got a longer one`);
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new Refused(
      'slow',
      `expected the head of a request within ${limits.requestMs} ms, got none that was whole`,
    );
  }
  return new Refused(
    'malformed',
    `expected a request of HTTP/1.1, got something else (${code ?? 'unknown'})`,
  );
}
