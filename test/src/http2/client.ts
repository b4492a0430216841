import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';

/** Where a service listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/** A request over HTTP/2, as a scenario writes it down. */
export interface Http2Request {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** The body is written in parts, by `write` and `end` of the exchange. */
  readonly open?: boolean;
  /** Do not read the response before `resume` of the exchange. */
  readonly unread?: boolean;
  /** The client knows that it cannot be answered; that it is lost is then expected, and demanded. */
  readonly doomed?: boolean;
  /** A probe: not work, so neither expected nor forbidden in the figures of a report. */
  readonly probe?: boolean;
}

export interface Http2Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly bodyBytes: number;
  readonly trailers: IncomingHttpHeaders | undefined;
}

/**
 * What became of a request. `refused`: the server did not begin it and said
 * so, so that a client may send it again (RFC 9113, section 8.7). `unsent`:
 * the client knew already that the session takes no more. `withdrawn`: the
 * client took it back. `lost`: anything else that was not answered whole.
 */
export type Http2Fate = 'waiting' | 'answered' | 'refused' | 'unsent' | 'withdrawn' | 'lost';

/** A request was not answered, and with it what the scenario wanted to see of the answer is lost. */
class NotAnswered extends Error {
  override readonly name = 'NotAnswered';
}

/** The start of a body is all that a scenario looks at. */
const keptBytes = 100_000;

/** One request and its answer. Times are `performance.now()` of this process. */
export class Http2Exchange {
  readonly request: Http2Request;
  readonly beganAt: number = performance.now();
  readonly #stream: ClientHttp2Stream | undefined;
  readonly #settled: Promise<void>;
  #fate: Http2Fate = 'waiting';
  #why = '';
  #head: IncomingHttpHeaders | undefined;
  #trailers: IncomingHttpHeaders | undefined;
  #body = '';
  #bodyBytes = 0;
  #isWhole = false;
  /** When the last byte of the answer had come. */
  answeredAt: number | undefined;
  /** When all of the request had been given to the session. */
  writtenAt: number | undefined;

  constructor(session: ClientHttp2Session, request: Http2Request) {
    this.request = request;
    this.#stream = this.#begin(session);
    this.#settled = this.#stream ? this.#follow(this.#stream) : Promise.resolve();
  }

  get fate(): Http2Fate {
    return this.#fate;
  }

  get #status(): number {
    return Number(this.#head?.[':status']);
  }

  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  /** The answer, when it has come whole. */
  async answer(): Promise<Http2Answer> {
    await this.#settled;
    if (this.#fate !== 'answered' || !this.#head) throw new NotAnswered(this.describe());
    return {
      status: this.#status,
      headers: this.#head,
      body: this.#body,
      bodyBytes: this.#bodyBytes,
      trailers: this.#trailers,
    };
  }

  /** Resolves when it is decided what became of the request; never rejects. */
  async settled(): Promise<Http2Fate> {
    await this.#settled;
    return this.#fate;
  }

  write(part: string | Buffer): void {
    this.#stream?.write(part);
  }

  end(): void {
    this.writtenAt = performance.now();
    this.#stream?.end();
  }

  resume(): void {
    this.#stream?.resume();
  }

  /** Take the request back (RST_STREAM, CANCEL). */
  cancel(): void {
    if (this.#fate === 'waiting') this.#decide('withdrawn', 'the client took it back');
    this.#stream?.close(constants.NGHTTP2_CANCEL);
  }

  /** Nothing is owed to this request, whatever became of it: its client did not do its part. */
  excuse(): void {
    this.#decide('withdrawn', 'the client was too slow');
  }

  /** What was asked and what became of it, in a line. */
  describe(): string {
    const { method = 'GET', path } = this.request;
    const got = this.#head ? `, ${this.#bodyBytes} bytes of a ${this.#status} had come` : '';
    return `${method} ${path}: ${this.#fate}${this.#why && `, ${this.#why}`}${got}`;
  }

  #begin(session: ClientHttp2Session): ClientHttp2Stream | undefined {
    const { method = 'GET', path, headers = {}, body, open = false } = this.request;
    const endStream = body === undefined && !open;
    try {
      const stream = session.request({ ...headers, ':method': method, ':path': path }, { endStream });
      if (body !== undefined) stream.end(body);
      if (!open) this.writtenAt = this.beganAt;
      return stream;
    } catch (error) {
      this.#decide('unsent', codeOf(error));
      return undefined;
    }
  }

  #follow(stream: ClientHttp2Stream): Promise<void> {
    let error: unknown;
    stream.on('response', (headers) => {
      this.#head = headers;
    });
    stream.on('trailers', (headers) => {
      this.#trailers = headers;
    });
    stream.on('error', (thrown) => {
      error = thrown;
    });
    stream.on('end', () => {
      this.#isWhole = true;
    });
    if (this.request.unread) stream.pause();
    // With a listener for `data` it would flow.
    else this.#read(stream);
    stream.once('resume', () => this.#read(stream));
    return new Promise((resolve) => {
      stream.once('close', () => {
        this.#closed(stream, error);
        resolve();
      });
    });
  }

  #read(stream: ClientHttp2Stream): void {
    if (stream.listenerCount('data') > 0) return;
    stream.on('data', (data: Buffer) => {
      this.#bodyBytes += data.length;
      if (this.#body.length < keptBytes) this.#body += data.toString('latin1');
    });
  }

  #closed(stream: ClientHttp2Stream, error: unknown): void {
    if (this.#fate !== 'waiting') return;
    const code = stream.rstCode;
    if (codeOf(error) === 'ERR_HTTP2_GOAWAY_SESSION') this.#decide('unsent', codeOf(error));
    else if (code === constants.NGHTTP2_REFUSED_STREAM) this.#decide('refused', 'REFUSED_STREAM');
    else if (this.#head && this.#isWhole && code === constants.NGHTTP2_NO_ERROR && !error) {
      this.answeredAt = performance.now();
      this.#decide('answered', '');
    } else this.#decide('lost', `RST_STREAM ${code} ${codeOf(error)}`);
  }

  #decide(fate: Http2Fate, why: string): void {
    this.#fate = fate;
    this.#why = why;
  }
}

/** What GOAWAY said. */
export interface Goaway {
  readonly at: number;
  readonly code: number;
  readonly lastStream: number;
}

/** A session of a client that never retries, and that notes what became of every request. */
export class Http2Client {
  readonly openedAt: number = performance.now();
  readonly exchanges: Http2Exchange[] = [];
  readonly closed: Promise<void>;
  /** Resolves with the first GOAWAY. */
  readonly untilGoaway: Promise<Goaway>;
  readonly #session: ClientHttp2Session;
  /** Why the connection broke, if it did. */
  broken: string | undefined;
  goaway: Goaway | undefined;
  /** When it was closed, and who said so first. */
  end: { readonly at: number; readonly how: 'server' | 'client' | 'reset' } | undefined;
  #closesItself = false;

  static async open({ host, port, tls }: Address): Promise<Http2Client> {
    const scheme = tls ? 'https' : 'http';
    // The certificate of the fixture is signed by itself.
    const session = connect(`${scheme}://${host}:${port}`, { rejectUnauthorized: false });
    const client = new Http2Client(session);
    await new Promise<void>((resolve, reject) => {
      session.once('connect', () => resolve());
      session.once('close', () => reject(new Error(client.broken ?? 'closed before it was open')));
    });
    return client;
  }

  private constructor(session: ClientHttp2Session) {
    this.#session = session;
    this.untilGoaway = new Promise((resolve) => {
      // The first says it; Node sends another as it closes.
      session.once('goaway', (code, lastStream) => {
        this.goaway = { at: performance.now(), code, lastStream };
        resolve(this.goaway);
      });
    });
    session.on('error', (error) => {
      this.broken = codeOf(error);
    });
    this.closed = new Promise((resolve) => {
      session.once('close', () => {
        const how = this.broken ? 'reset' : this.#closesItself ? 'client' : 'server';
        this.end = { at: performance.now(), how };
        resolve();
      });
    });
  }

  /** Whether the server has said, without an error, that it leaves. */
  get told(): boolean {
    return this.goaway?.code === constants.NGHTTP2_NO_ERROR;
  }

  /** Whether a client would still ask here. */
  get usable(): boolean {
    return !this.goaway && !this.#session.closed && !this.#session.destroyed;
  }

  send(request: Http2Request): Http2Exchange {
    const exchange = new Http2Exchange(this.#session, request);
    this.exchanges.push(exchange);
    return exchange;
  }

  ask(request: Http2Request): Promise<Http2Answer> {
    return this.send(request).answer();
  }

  /** Close as a client does that needs the session no more. */
  close(): void {
    this.#closesItself ||= !this.goaway;
    this.#session.close();
  }

  /** Leave nothing behind. */
  destroy(): void {
    this.#closesItself = true;
    this.#session.destroy();
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return (error as NodeJS.ErrnoException).code ?? error.message;
}
