import { type ClientHttp2Session, connect, constants } from 'node:http2';
import type { Address } from './connection.js';

/**
 * What became of a stream. `refused`: the server said that it has not begun
 * it (REFUSED_STREAM), so that a client may ask again elsewhere.
 */
export type StreamFate = 'answered' | 'refused' | 'lost';

/** A client with one HTTP/2 session, which notes whether it was told to leave. */
export class Http2Client {
  /** The session was told that nothing more is taken (GOAWAY), without an error. */
  told = false;
  /** Resolves when the session has ended, whoever ended it. */
  readonly ended: Promise<void>;
  readonly #session: ClientHttp2Session;

  /** Resolves when both sides have said what they can do. */
  static async open({ host, port, tls }: Address): Promise<Http2Client> {
    const session = connect(`${tls ? 'https' : 'http'}://${host}:${port}`, { rejectUnauthorized: false });
    await new Promise<void>((resolve, reject) => {
      session.once('remoteSettings', () => resolve());
      session.once('error', reject);
      session.once('close', () => reject(new Error('the session ended before it had begun')));
    });
    return new Http2Client(session);
  }

  private constructor(session: ClientHttp2Session) {
    this.#session = session;
    session.on('goaway', (code: number) => {
      this.told ||= code === constants.NGHTTP2_NO_ERROR;
    });
    // What that does to the streams is seen there.
    session.on('error', () => {});
    this.ended = new Promise((resolve) => {
      session.once('close', () => resolve());
    });
  }

  /** Ask, and resolve when it is decided what became of it; never rejects. */
  ask(path: string): Promise<StreamFate> {
    const stream = this.#session.request({ ':path': path });
    return new Promise((resolve) => {
      let [status, whole] = [0, false];
      stream.on('response', (headers) => {
        status = headers[':status'] ?? 0;
      });
      stream.on('end', () => {
        whole = true;
      });
      // How it failed is told by the code with which it closes.
      stream.on('error', () => {});
      stream.on('close', () => {
        const { rstCode, aborted } = stream;
        // A session that is cut may end its streams without an error, and without an answer.
        const served = whole && !aborted && status >= 200 && status < 400;
        if (rstCode === constants.NGHTTP2_REFUSED_STREAM) resolve('refused');
        else resolve(served && rstCode === constants.NGHTTP2_NO_ERROR ? 'answered' : 'lost');
      });
      stream.resume().end();
    });
  }

  /** Resolves when the server has read all that was sent so far, or the session has ended. */
  async noticed(): Promise<void> {
    const ponged = new Promise<void>((resolve) => {
      this.#session.ping(() => resolve());
    });
    await Promise.race([ponged, this.ended]);
  }

  /** Leave nothing behind. */
  destroy(): void {
    this.#session.destroy();
  }
}
