import { once } from 'node:events';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import type { Event, Tally, Visit, Witness } from '../protocol.js';
import { stateAt } from '../states.js';
import type { Trial } from '../suite.js';

/** The close code that says "going away" (RFC 6455, section 7.4.1). */
const goingAway = 1001;
/** What a client says that leaves by itself. */
const normal = 1000;

let names = 0;

/** A WebSocket of a client with manners, and what came over it. */
export class Talk implements Witness {
  readonly closed: Promise<void>;
  readonly #id: string;
  readonly #events: Event[] = [];
  readonly #socket: WebSocket;
  readonly #openedAt: number;
  #opened = false;
  #messages = 0;
  #numbers = 0;
  #outOfOrder = 0;
  #error = '';
  #code: number | undefined;
  #closesItself = false;

  /** Nothing when the service refuses the connection. `bytes`: of each number that it sends. */
  static async open({ trial, witnesses }: Visit, bytes = 0): Promise<Talk | undefined> {
    const { host, port } = trial.service.address();
    const line = connect({ host, port });
    // Later ones are told to the WebSocket.
    line.on('error', () => {});
    try {
      await once(line, 'connect');
    } catch {
      return undefined;
    }
    const id = ++names;
    const socket = new WebSocket(`ws://${host}:${port}/?id=${id}&bytes=${bytes}`, {
      createConnection: () => line,
    });
    const talk = new Talk(socket, String(id));
    witnesses.push(talk);
    await Promise.race([new Promise<void>((resolve) => socket.once('open', () => resolve())), talk.closed]);
    return talk.#opened ? talk : undefined;
  }

  private constructor(socket: WebSocket, id: string) {
    this.#socket = socket;
    this.#id = id;
    this.#openedAt = this.#note('connected');
    socket.on('open', () => {
      this.#opened = true;
      this.#note('upgraded');
    });
    socket.on('message', (data: Buffer) => this.#heard(data.toString('latin1')));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#error = error.code ?? error.message;
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', (code) => {
        this.#code = code;
        this.#note(`closed, ${code} ${this.#error}, ${this.#messages} messages`);
        resolve();
      });
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  get events(): readonly Event[] {
    return this.#events;
  }

  say(text: string): void {
    if (this.isOpen) this.#socket.send(text);
  }

  pause(): void {
    if (this.isOpen) this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    if (this.isOpen) this.#closesItself = true;
    this.#socket.close(normal);
  }

  destroy(): void {
    this.#socket.terminate();
  }

  tally(trial: Trial): Tally {
    // The kernel lets clients in while the listener closes, and resets them: to them that is a refusal.
    const isRefusal = !this.#opened && this.#openedAt > stateAt(trial, 'draining');
    return {
      connections: isRefusal ? 0 : 1,
      answered: this.#opened ? 1 : 0,
      refused: 0,
      messages: this.#messages,
      withdrawn: 0,
      lost: isRefusal ? [] : this.#lost(trial),
      violations:
        this.#outOfOrder > 0 ? [`${this.#outOfOrder} numbers of a WebSocket came out of order`] : [],
    };
  }

  #lost(trial: Trial): string[] {
    if (!this.#opened) return [`an upgrade: ${this.#error || 'no answer'}`];
    if (this.#closesItself) return [];
    if (this.#code !== goingAway) return [`the close frame of a WebSocket: ${this.#code} ${this.#error}`];
    const sent = trial.service.notices.find((notice) => notice.type === 'sent' && notice.id === this.#id);
    const messages = sent?.notice.type === 'sent' ? sent.notice.messages : undefined;
    if (messages === undefined) return [`nobody knows what was sent to WebSocket ${this.#id}`];
    return messages === this.#messages ? [] : [`${messages - this.#messages} of ${messages} messages`];
  }

  #heard(text: string): void {
    this.#messages++;
    if (!text.startsWith('number ')) return;
    if (Number.parseInt(text.slice('number '.length), 10) !== ++this.#numbers) this.#outOfOrder++;
  }

  #note(what: string): number {
    const now = performance.now();
    this.#events.push([now, `WebSocket ${this.#id} ${what}`]);
    return now;
  }
}
