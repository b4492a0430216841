import { connect, type Socket } from 'node:net';

/** What comes back from a far away server. */
export interface FarEvents {
  onOpen(): void;
  onData(chunk: Buffer): void;
  /** Nothing more will come: the server ended the connection, or broke it. Told once. */
  onGone(): void;
}

/**
 * A raw connection with a round trip of `rttMs` to a server on this machine:
 * what the client sends leaves here half of it later, and so does what it
 * hears. In between each side acts on what it does not know yet, which is the
 * whole of the keep-alive race. No retry, no pooling, no library.
 */
export class FarSocket {
  readonly #socket: Socket;
  readonly #oneWayMs: number;
  #gone = false;

  constructor(port: number, rttMs: number, events: FarEvents) {
    this.#oneWayMs = rttMs / 2;
    // Half open: an answer may still be on its way here when the client says that it has no more to say.
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    this.#socket.on('connect', () => this.#later(() => events.onOpen()));
    this.#socket.on('data', (chunk: Buffer) => this.#later(() => events.onData(chunk)));
    const gone = (): void =>
      this.#later(() => {
        if (this.#gone) return;
        this.#gone = true;
        events.onGone();
        this.#socket.destroy();
      });
    this.#socket.on('end', gone).on('error', gone).on('close', gone);
  }

  send(text: string): void {
    this.#later(() => this.#socket.write(text));
  }

  end(): void {
    this.#later(() => this.#socket.end());
  }

  #later(action: () => void): void {
    // Timers of one length fire in the order they were set: nothing overtakes.
    setTimeout(action, this.#oneWayMs);
  }
}
