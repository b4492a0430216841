import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { Event, Tally, Visit, Witness } from '../protocol.js';
import { stateAt } from '../states.js';
import type { Trial } from '../suite.js';

/** A request, and what its answer must be where that is known. */
export interface Asked {
  readonly path: string;
  readonly method?: string;
  readonly body?: Buffer;
  readonly status?: number;
  /** Whether a body is right. */
  readonly expects?: (body: Body) => boolean;
}

interface Body {
  readonly bytes: number;
  /** Its begin; the end of a large one is missing. */
  readonly text: string;
}

/** `unsent`: the client knew that the session takes no more. `refused`: not begun by the service, which said so (RFC 9113, section 8.7). */
type Fate = 'waiting' | 'answered' | 'refused' | 'unsent' | 'withdrawn' | 'lost';

const keptBytes = 100_000;

/** One request and its answer. */
export class Exchange {
  readonly asked: Asked;
  readonly beganAt: number = performance.now();
  readonly settled: Promise<void>;
  fate: Fate = 'waiting';
  endedAt: number = Infinity;
  /** Answered, and otherwise than asked. */
  wrong = false;
  #why = '';
  #head: IncomingHttpHeaders | undefined;
  #text = '';
  #bytes = 0;
  #whole = false;
  #error: unknown;
  #stream: ClientHttp2Stream | undefined;

  constructor(session: ClientHttp2Session, asked: Asked) {
    this.asked = asked;
    this.settled = this.#begin(session);
  }

  /** Do not read for so long. */
  pauseFor(ms: number): void {
    const stream = this.#stream;
    if (!stream || stream.destroyed) return;
    stream.pause();
    setTimeout(() => stream.resume(), ms);
  }

  /** Take the request back. */
  cancel(): void {
    if (this.fate === 'waiting') this.#decide('withdrawn', '');
    this.#stream?.close(constants.NGHTTP2_CANCEL);
  }

  describe(): string {
    const { path, method = 'GET' } = this.asked;
    const got = this.#head ? `, ${this.#bytes} bytes of a ${Number(this.#head[':status'])} had come` : '';
    return `${method} ${path}: ${this.fate} ${this.#why}${got}`;
  }

  async #begin(session: ClientHttp2Session): Promise<void> {
    const { path, method = 'GET', body } = this.asked;
    try {
      this.#stream = session.request({ ':path': path, ':method': method }, { endStream: body === undefined });
    } catch (error) {
      return this.#decide('unsent', String(error));
    }
    const stream = this.#stream;
    if (body) stream.end(body);
    stream.on('response', (head) => {
      this.#head = head;
    });
    stream.on('data', (data: Buffer) => {
      this.#bytes += data.length;
      if (this.#text.length < keptBytes) this.#text += data.toString('latin1');
    });
    stream.on('end', () => {
      this.#whole = true;
    });
    stream.on('error', (error) => {
      this.#error = error;
    });
    await new Promise<void>((resolve) => stream.once('close', () => resolve()));
    this.#closed(stream);
  }

  #closed(stream: ClientHttp2Stream): void {
    if (this.fate !== 'waiting') return;
    const { rstCode: code } = stream;
    const error = this.#error as NodeJS.ErrnoException | undefined;
    if (code === constants.NGHTTP2_REFUSED_STREAM) return this.#decide('refused', 'REFUSED_STREAM');
    // A stream without a number was never begun.
    if (error?.code === 'ERR_HTTP2_GOAWAY_SESSION' || stream.id === undefined) {
      return this.#decide('unsent', error?.code ?? '');
    }
    const whole = this.#head && this.#whole && code === constants.NGHTTP2_NO_ERROR && !error;
    if (!whole) return this.#decide('lost', `RST_STREAM ${code} ${error?.code ?? ''}`);
    this.#decide('answered', '');
    const { status = 200, expects = () => true } = this.asked;
    this.wrong =
      Number(this.#head?.[':status']) !== status || !expects({ bytes: this.#bytes, text: this.#text });
    if (this.wrong) this.#why = `wrongly: ${JSON.stringify(this.#text.slice(-60))}`;
  }

  #decide(fate: Fate, why: string): void {
    this.endedAt = performance.now();
    this.fate = fate;
    this.#why = why;
  }
}

/** A session of a client with manners that never asks twice. */
export class Session implements Witness {
  readonly exchanges: Exchange[] = [];
  readonly closed: Promise<void>;
  readonly #session: ClientHttp2Session;
  readonly #events: Event[] = [];
  #opened = false;
  #openedAt = Infinity;
  #heard = false;
  #told = false;
  #closesItself = false;
  #broken: string | undefined;

  /** A session that is open; nothing when the service refuses. */
  static async open({ trial, witnesses }: Visit): Promise<Session | undefined> {
    const { host, port, tls } = trial.service.address();
    // The certificate of the fixture is signed by itself.
    const http2 = connect(`${tls ? 'https' : 'http'}://${host}:${port}`, { rejectUnauthorized: false });
    const session = new Session(http2);
    await Promise.race([
      new Promise<void>((resolve) => http2.once('connect', () => resolve())),
      session.closed,
    ]);
    if (!session.#opened) return undefined;
    witnesses.push(session);
    return session;
  }

  private constructor(session: ClientHttp2Session) {
    this.#session = session;
    session.once('connect', () => {
      this.#opened = true;
      this.#openedAt = this.#note('connected');
    });
    session.once('remoteSettings', () => {
      this.#heard = true;
    });
    session.on('goaway', (code, lastStream) => {
      this.#note(`GOAWAY ${code}, last stream ${lastStream}`);
      this.#told ||= code === constants.NGHTTP2_NO_ERROR;
    });
    session.on('error', (error: NodeJS.ErrnoException) => {
      this.#broken = error.code ?? error.message;
    });
    this.closed = new Promise((resolve) => {
      session.once('close', () => {
        this.#note(`closed ${this.#broken ?? 'in order'}`);
        resolve();
      });
    });
  }

  /** Whether a client would still ask here. */
  get usable(): boolean {
    return !this.#told && !this.#session.closed && !this.#session.destroyed;
  }

  get events(): readonly Event[] {
    const asked = this.exchanges.flatMap((exchange): Event[] => [
      [exchange.beganAt, `asks ${exchange.asked.path}`],
      [exchange.endedAt, exchange.describe()],
    ]);
    return [...this.#events, ...asked];
  }

  send(asked: Asked): Exchange {
    const exchange = new Exchange(this.#session, asked);
    this.exchanges.push(exchange);
    return exchange;
  }

  async ask(asked: Asked): Promise<void> {
    await this.send(asked).settled;
  }

  close(): void {
    if (this.usable) this.#closesItself = true;
    this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  tally(trial: Trial): Tally {
    // The kernel lets clients in while the listener closes, and resets them: to them that is a refusal.
    const isRefusal = !this.#heard && this.#openedAt > stateAt(trial, 'draining');
    const count = (fate: Fate) => this.exchanges.filter((exchange) => exchange.fate === fate);
    const lost = isRefusal ? [] : count('lost');
    const wrong = this.exchanges.filter((exchange) => exchange.wrong);
    const owed = !isRefusal && !this.#closesItself;
    return {
      connections: isRefusal ? 0 : 1,
      answered: count('answered').length,
      refused: count('refused').length,
      messages: 0,
      withdrawn: count('unsent').length + count('withdrawn').length,
      lost: [...lost, ...wrong].map((exchange) => exchange.describe()),
      violations: [
        ...count('waiting').map((exchange) => `nobody decided ${exchange.describe()}`),
        ...(owed && !this.#told ? ['an HTTP/2 session got no GOAWAY'] : []),
        ...(owed && this.#broken ? [`an HTTP/2 session ended out of order: ${this.#broken}`] : []),
      ],
    };
  }

  #note(what: string): number {
    const now = performance.now();
    this.#events.push([now, what]);
    return now;
  }
}
