import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { handler } from './handler.js';

/** Answers that are of interest over HTTP/2 alone. */
const extras: Readonly<Record<string, (response: ServerResponse) => void>> = {
  '/trailers': (response) => {
    response.write('body');
    response.addTrailers({ 'x-checksum': 'abc' });
    response.end();
  },
  '/unchanged': (response) => {
    response.writeHead(304);
    response.end();
  },
};

/** The routes by the API that HTTP/2 shares with HTTP/1.1. */
export function compatHandler(
  request: Http2ServerRequest | IncomingMessage,
  response: Http2ServerResponse | ServerResponse,
): void {
  const extra = extras[request.url ?? ''];
  // What the routes use of the two is the same.
  if (extra) extra(response as ServerResponse);
  else handler(request as IncomingMessage, response as ServerResponse & { req: IncomingMessage });
}
