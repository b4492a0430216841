import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Refused } from '../protocol/refused.js';

/** Answer with JSON. */
export function answer(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(text);
}

/** Answer that there is nothing to tell. */
export function answerEmpty(response: ServerResponse): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(204, { 'cache-control': 'no-store' });
  response.end();
}

/** How long a client that still sends may take to read that it was refused, in milliseconds. */
const lingerMs = 250;

/** Say no. What of the request has not been read yet counts for nothing any more: its connection ends. */
export function refuse(request: IncomingMessage, response: ServerResponse, refused: Refused): void {
  if (request.complete) {
    answer(response, refused.status, refused, refused.headers);
    return;
  }
  endInTwoSteps(request.socket);
  answer(response, refused.status, refused, { ...refused.headers, connection: 'close' });
}

/**
 * First our half, and for a moment what still comes is read and dropped: closed
 * at once, the connection would be reset, and the refusal with it (RFC 9112, section 9.6).
 */
function endInTwoSteps(socket: Socket): void {
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => clearTimeout(timer));
  };
}

/** What went wrong, as a refusal: a defect of ours is nobody else's business. */
export function asRefused(error: unknown, onDefect: (error: unknown) => void): Refused {
  if (error instanceof Refused) return error;
  onDefect(error);
  return new Refused('internal', 'expected to answer, got a defect of the companion; its log says more');
}

/** The same for what is no request yet: written as it is, before the connection ends. */
export function refusalText(refused: Refused): string {
  const text = `${JSON.stringify(refused)}\n`;
  const reason = { 400: 'Bad Request', 405: 'Method Not Allowed', 408: 'Request Timeout' }[refused.status];
  return [
    `HTTP/1.1 ${refused.status} ${reason ?? 'Request Header Fields Too Large'}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
    '',
    text,
  ].join('\r\n');
}
