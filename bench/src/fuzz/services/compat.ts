import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { handler } from '@graceful/test/services/handler.js';
import { sendsEvents } from './events.js';

/** The routes of the suite, and event streams, by the API that HTTP/2 shares with HTTP/1.1. */
export function answer(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
): void {
  if (sendsEvents(request.url ?? '/', response)) return;
  // What the routes use of the two is the same.
  handler(request as IncomingMessage, response as ServerResponse & { req: IncomingMessage });
}
