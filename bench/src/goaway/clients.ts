import { type ClientHttp2Session, connect, constants } from 'node:http2';

/** How the clients of a scenario behave. */
export interface Manner {
  readonly name: string;
  /** How many there are, each with a session of its own. */
  readonly clients: number;
  /** Requests of one client that are open at once; `undefined`: it does not wait for answers, but asks at random instants. */
  readonly streams: number | undefined;
  /** How long a client thinks between an answer and its next request; for one that does not wait, between two requests. About, in milliseconds. */
  readonly thinkMs: number;
}

/** What became of the requests of a scenario. */
export interface Tally {
  answered: number;
  /** They crossed GOAWAY, and may be sent again (REFUSED_STREAM). */
  refused: number;
  /** Not answered whole, and nobody knows whether they may be sent again. */
  lost: number;
}

type Fate = keyof Tally | 'unsent';

/** How long the server works on each request, in milliseconds. */
export const workMs = 5;

/** A client with one session, until the server says that it leaves. It never sends anything again. */
export class Client {
  readonly #session: ClientHttp2Session;
  readonly #tally: Tally;
  #isGone = false;
  readonly gone: Promise<void>;

  constructor(port: number, tally: Tally) {
    this.#tally = tally;
    this.#session = connect(`http://127.0.0.1:${port}`);
    const gone = (): void => {
      this.#isGone = true;
    };
    this.gone = new Promise((resolve) => {
      this.#session.once('close', () => {
        gone();
        resolve();
      });
    });
    this.#session.once('goaway', gone).on('error', gone);
  }

  async behave({ streams, thinkMs }: Manner): Promise<void> {
    if (streams === undefined) await this.#askAtRandom(thinkMs);
    else await Promise.all(Array.from({ length: streams }, () => this.#askInTurn(thinkMs)));
    await this.gone;
  }

  async #askInTurn(thinkMs: number): Promise<void> {
    while (!this.#isGone) {
      await this.#ask();
      if (thinkMs > 0) await pause(thinkMs * (0.5 + Math.random()));
    }
  }

  /** The instants of a Poisson process. */
  async #askAtRandom(meanMs: number): Promise<void> {
    const asked: Promise<void>[] = [];
    while (!this.#isGone) {
      asked.push(this.#ask());
      await pause(-Math.log(1 - Math.random()) * meanMs);
    }
    await Promise.all(asked);
  }

  async #ask(): Promise<void> {
    const fate = await this.#exchange();
    if (fate !== 'unsent') this.#tally[fate]++;
  }

  #exchange(): Promise<Fate> {
    if (this.#isGone || this.#session.closed || this.#session.destroyed) return Promise.resolve('unsent');
    return new Promise((resolve) => {
      const stream = this.#session.request({ ':path': `/?ms=${workMs}` });
      let isWhole = false;
      let error: NodeJS.ErrnoException | undefined;
      stream.resume();
      stream.on('end', () => {
        isWhole = true;
      });
      stream.on('error', (thrown: NodeJS.ErrnoException) => {
        error = thrown;
      });
      stream.once('close', () => {
        if (error?.code === 'ERR_HTTP2_GOAWAY_SESSION') resolve('unsent');
        else if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) resolve('refused');
        else
          resolve(isWhole && !error && stream.rstCode === constants.NGHTTP2_NO_ERROR ? 'answered' : 'lost');
      });
    });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
