import type { OutgoingHttpHeader, ServerResponse } from 'node:http';

type WriteHead = (this: ServerResponse, ...args: unknown[]) => ServerResponse;

/**
 * Let `response` say `Connection: close` (RFC 9112, section 9.6) if it is the
 * last on its connection. That is asked when its head is written and not
 * before: until then another request may have been pipelined behind it.
 *
 * @param onSaid - told when the head is written that says it
 */
export function sayClose(response: ServerResponse, isLast: () => boolean, onSaid: () => void): void {
  const writeHead = response.writeHead as WriteHead;
  const writeLastHead: WriteHead = function (...args) {
    if (this.headersSent || !isLast()) return writeHead.apply(this, args);
    this.shouldKeepAlive = false;
    // Beside a header that was set, Node would take a handler's list of headers for a map: there it goes into the list.
    if (this.hasHeader('Connection') || !args.some(Array.isArray)) this.setHeader('Connection', 'close');
    writeHead.apply(this, args.map(withClose));
    // A `writeHead` that somebody put beneath this one may have taken it back.
    if (!this.shouldKeepAlive) onSaid();
    return this;
  };
  response.writeHead = writeLastHead;
}

/** A handler's own `Connection: keep-alive`, common with event streams, would take ours back. */
function withClose(arg: unknown): unknown {
  if (typeof arg !== 'object' || arg === null) return arg;
  if (Array.isArray(arg)) return listWithClose(arg);
  return Object.fromEntries(Object.entries(arg).filter(([name]) => !isConnection(name)));
}

/** Node takes headers as a flat list too: name, value, name, value. Or as pairs. */
function listWithClose(list: readonly (OutgoingHttpHeader | readonly string[])[]): unknown[] {
  if (Array.isArray(list[0])) {
    const pairs = list.filter((pair) => !isConnection((pair as readonly string[])[0]));
    return [...pairs, ['Connection', 'close']];
  }
  const names = list.filter((_, index) => !isConnection(list[index - (index % 2)]));
  return [...names, 'Connection', 'close'];
}

function isConnection(name: unknown): boolean {
  return typeof name === 'string' && name.toLowerCase() === 'connection';
}
