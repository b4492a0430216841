import { BodyReader, type BodyFraming } from './body-reader.js';
import { ProtocolError } from './protocol-error.js';

/** A response, as far as it has come. */
export interface RawResponse {
  /** 200 or above: what is below is no answer yet. */
  readonly status: number;
  /** Names in lower case; repeated ones joined with a comma (RFC 9110 5.3). */
  readonly headers: ReadonlyMap<string, string>;
  /** How the end of its body is known. */
  readonly framing: BodyFraming;
  /** The server says that this is the last response on the connection (RFC 9112 9.3, 9.6). */
  readonly saysClose: boolean;
  /** Bytes of the body so far, without chunk headers. */
  readonly bodyBytes: number;
  /** The beginning of the body, at most 64 KiB. */
  readonly body: string;
  /** Everything that was promised has come. */
  readonly whole: boolean;
}

/** Told what comes, in the order in which it comes. */
export interface ResponseListener {
  /** The method of the oldest request that has no whole response; `undefined` where there is none. */
  method(): string | undefined;
  head(response: RawResponse): void;
  whole(response: RawResponse): void;
}

const maxHeadBytes = 65_536;
const keptBodyBytes = 65_536;

type Head = Pick<RawResponse, 'status' | 'headers' | 'framing' | 'saysClose'>;

class Response implements RawResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly framing: BodyFraming;
  readonly saysClose: boolean;
  readonly #kept: Buffer[] = [];
  bodyBytes = 0;
  whole = false;

  constructor({ status, headers, framing, saysClose }: Head) {
    this.status = status;
    this.headers = headers;
    this.framing = framing;
    this.saysClose = saysClose;
  }

  get body(): string {
    return Buffer.concat(this.#kept).toString('utf8');
  }

  take(bytes: Buffer): void {
    const room = keptBodyBytes - this.bodyBytes;
    // Copied, so that 64 KiB do not keep every buffer that the socket read alive.
    if (room > 0) this.#kept.push(Buffer.from(bytes.subarray(0, room)));
    this.bodyBytes += bytes.length;
  }
}

/**
 * Reads the responses on one connection, strictly: whatever a sloppy parser
 * would forgive may be a response that was cut, and those are what is counted.
 */
export class ResponseParser {
  readonly #listener: ResponseListener;
  #head = Buffer.alloc(0);
  #current: { readonly response: Response; readonly body: BodyReader } | undefined;
  #saidClose = false;

  constructor(listener: ResponseListener) {
    this.#listener = listener;
  }

  /** @throws {@link ProtocolError} */
  feed(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#current) rest = this.#feedBody(this.#current, rest);
      else rest = this.#feedHead(rest);
    }
  }

  /** The server has ended its side: only a body that lasts until then is whole. */
  end(): void {
    const { framing } = this.#current?.response ?? {};
    if (this.#current && framing?.kind === 'until-close') this.#finish(this.#current.response);
  }

  #feedHead(bytes: Buffer): Buffer {
    if (this.#saidClose) throw new ProtocolError('bytes after a response that said Connection: close');
    const method = this.#listener.method();
    if (method === undefined)
      throw new ProtocolError(`unasked: ${JSON.stringify(bytes.toString('latin1', 0, 80))}`);
    const all = Buffer.concat([this.#head, bytes]);
    const end = all.indexOf('\r\n\r\n');
    if (end > maxHeadBytes || (end === -1 && all.length > maxHeadBytes))
      throw new ProtocolError('a head without end');
    if (end === -1) {
      this.#head = all;
      return Buffer.alloc(0);
    }
    this.#head = Buffer.alloc(0);
    const head = parseHead(all.toString('latin1', 0, end), method);
    // 1xx are not answers yet; the real one follows (RFC 9110 15.2).
    if (head.status >= 200) this.#begin(new Response(head));
    return all.subarray(end + 4);
  }

  #begin(response: Response): void {
    this.#saidClose = response.saysClose;
    const body = new BodyReader(response.framing);
    this.#current = { response, body };
    this.#listener.head(response);
    if (body.done) this.#finish(response);
  }

  #feedBody({ response, body }: { response: Response; body: BodyReader }, bytes: Buffer): Buffer {
    const rest = body.feed(bytes, (data) => response.take(data));
    if (body.done) this.#finish(response);
    return rest;
  }

  #finish(response: Response): void {
    this.#current = undefined;
    response.whole = true;
    this.#listener.whole(response);
  }
}

function parseHead(head: string, method: string): Head {
  const [statusLine = '', ...lines] = head.split('\r\n');
  const [, minor, status] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: .*)?$/.exec(statusLine) ?? [];
  if (status === undefined) throw new ProtocolError(`not a status line: ${JSON.stringify(statusLine)}`);
  const headers = parseHeaders(lines);
  const tokens = (headers.get('connection') ?? '').toLowerCase().split(/\s*,\s*/);
  const framing = framingOf(Number(status), headers, method);
  const saysClose =
    framing.kind === 'until-close' ||
    tokens.includes('close') ||
    (minor === '0' && !tokens.includes('keep-alive'));
  return { status: Number(status), headers, framing, saysClose };
}

function parseHeaders(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw new ProtocolError(`not a header: ${JSON.stringify(line)}`);
    const known = headers.get(name.toLowerCase());
    headers.set(name.toLowerCase(), known === undefined ? value : `${known}, ${value}`);
  }
  return headers;
}

/** RFC 9112 6.3. */
function framingOf(status: number, headers: ReadonlyMap<string, string>, method: string): BodyFraming {
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return { kind: 'none' };
  const encoding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  if (encoding !== undefined && length !== undefined) throw new ProtocolError('a length and an encoding');
  if (encoding !== undefined) {
    if (encoding.toLowerCase() !== 'chunked') throw new ProtocolError(`transfer-encoding ${encoding}`);
    return { kind: 'chunked' };
  }
  if (length === undefined) return { kind: 'until-close' };
  if (!/^\d{1,15}$/.test(length)) throw new ProtocolError(`content-length ${length}`);
  return { kind: 'length', bytes: Number(length) };
}
