/** What became of one kind of client's work. */
export class Books {
  /** Connections that came about. */
  connections = 0;
  /** Requests answered whole and well, or messages echoed. */
  answered = 0;
  /** Connections whose last word was the server's, in order: `Connection: close`, or a close frame. */
  told = 0;
  /** What was lost, by the way it was. */
  readonly lost: Map<string, number> = new Map();
  /** From `connect()` until it was connected, in milliseconds. */
  readonly connectMs: number[] = [];
  /** Beyond the time that the request takes by itself, in milliseconds. */
  readonly responseMs: number[] = [];

  connected(ms: number): void {
    this.connections += 1;
    this.connectMs.push(ms);
  }

  answer(ms: number): void {
    this.answered += 1;
    this.responseMs.push(ms);
  }

  lose(how: string): void {
    this.lost.set(how, (this.lost.get(how) ?? 0) + 1);
  }
}
