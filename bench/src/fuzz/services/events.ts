import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';

/** How often an event comes, in milliseconds. */
const everyMs = 5;

/**
 * Whether `url` asks for events. Then they are sent, numbered, until somebody
 * else ends the response. With `bytes` each of them is so large, and nobody
 * looks whether they are read.
 */
export function sendsEvents(url: string, response: ServerResponse | Http2ServerResponse): boolean {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  if (pathname !== '/events') return false;
  const padding = 'x'.repeat(Number(searchParams.get('bytes') ?? 0));
  // No `Connection` here, which HTTP/2 does not know.
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  let count = 0;
  // What the two have in common has no type of its own.
  const send = () => (response as ServerResponse).write(`data: ${++count}${padding}\n\n`);
  send();
  const timer = setInterval(send, everyMs);
  response.once('close', () => clearInterval(timer));
  return true;
}
