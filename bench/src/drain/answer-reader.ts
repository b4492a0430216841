/** One answer, whole. */
export interface Answer {
  readonly status: number;
  /** The server said `Connection: close`: the client is not to send on this connection again. */
  readonly told: boolean;
}

/** Reads answers with a `Content-Length` from a stream of bytes, and keeps no bodies. */
export class AnswerReader {
  #head = '';
  #missing = 0;
  #answer: Answer | undefined;

  /** The answer that `chunk` completes, if it completes one; the clients here have one request out at a time. */
  read(chunk: Buffer): Answer | undefined {
    if (this.#answer === undefined) {
      this.#head += chunk.toString('latin1');
      const end = this.#head.indexOf('\r\n\r\n');
      if (end === -1) return undefined;
      const head = this.#head.slice(0, end);
      this.#missing =
        Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0) - (this.#head.length - end - 4);
      this.#answer = { status: Number(head.slice(9, 12)), told: /^connection: *close/im.test(head) };
      this.#head = '';
    } else {
      this.#missing -= chunk.length;
    }
    if (this.#missing > 0) return undefined;
    const answer = this.#answer;
    this.#answer = undefined;
    return answer;
  }
}
