/** A request as a scenario writes it down. */
export interface RawRequest {
  /** `GET` where none is given. */
  readonly method?: string;
  /** With its query. */
  readonly path: string;
  /** Beside `Host` and what frames the body. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is. */
  readonly body?: string | Buffer;
  /** Send the body in chunks of this many bytes instead of saying its length. */
  readonly chunkBytes?: number;
  /** The client knows that it cannot be answered; that it is lost is then expected, and demanded. */
  readonly doomed?: boolean;
  /** A probe: not work, so neither expected nor forbidden in the figures of a report. */
  readonly probe?: boolean;
}

/** A request as it goes over the wire. */
export interface WireRequest {
  /** All of it. */
  readonly bytes: Buffer;
  /** How many of the bytes are the head, with its empty line. */
  readonly headBytes: number;
}

export function toWire({
  method = 'GET',
  path,
  headers = {},
  body = '',
  chunkBytes,
}: RawRequest): WireRequest {
  const data = Buffer.from(body);
  const hasBody = data.length > 0 || method === 'POST';
  const framing = !hasBody
    ? []
    : [chunkBytes === undefined ? `Content-Length: ${data.length}` : 'Transfer-Encoding: chunked'];
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: localhost', ...framing, ...fields];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  const wireBody = chunkBytes === undefined ? data : chunked(data, chunkBytes);
  return { bytes: Buffer.concat([head, wireBody]), headBytes: head.length };
}

function chunked(data: Buffer, chunkBytes: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < data.length; at += chunkBytes) {
    const chunk = data.subarray(at, at + chunkBytes);
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`, 'latin1'), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}
