import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { within } from '@graceful/conformance/client';

/** What is done with a connection, once it has sent something: `head` is the first line of the request. */
export type Manner = (socket: Socket, head: string) => void;

const patienceMs = 30_000;

/** Listens where a companion should be, and is none. */
export class FalseCompanion implements AsyncDisposable {
  /** First lines of all requests, in order. */
  readonly heard: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #watchers = new Set<() => void>();

  static async listen(path: string, manner: Manner): Promise<FalseCompanion> {
    const companion = new FalseCompanion(manner);
    companion.#server.listen(path);
    await once(companion.#server, 'listening');
    return companion;
  }

  private constructor(manner: Manner) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
      socket.once('data', (bytes) => {
        const [head = ''] = bytes.toString('latin1').split('\r\n');
        this.heard.push(head);
        for (const watcher of this.#watchers) watcher();
        manner(socket, head);
      });
    });
  }

  /** Resolves when something was asked for so often. */
  async asked(pattern: RegExp, times = 1): Promise<void> {
    const enough = () => this.heard.filter((head) => pattern.test(head)).length >= times;
    if (enough()) return;
    const come = new Promise<void>((resolve) => {
      this.#watchers.add(() => enough() && resolve());
    });
    await within(patienceMs, `${times} of ${pattern}`, come);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A whole answer of JSON. */
export function json(status: number, body: unknown): string {
  const text = JSON.stringify(body);
  return `HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

/** A part of a body in chunks. */
export function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

/** The head of a stream that says `lines`, and goes on. */
export function stream(...lines: readonly string[]): string {
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n';
  return `${head}${lines.map((line) => chunk(`${line}\n`)).join('')}`;
}

export const registered: string = json(201, {
  id: 'i1',
  token: 't1',
  epoch: 1,
  state: 'starting',
  pod: 'running',
});
export const hello = '{"type":"hello","epoch":1,"state":"starting","pod":"running"}';

/** Answers in order until the stream, of which `then` is what becomes. */
export function orderlyUntilStream(then: Manner): Manner {
  return (socket, head) => {
    if (head.includes('/stream ')) then(socket, head);
    else socket.end(head.startsWith('POST /v1/instances ') ? registered : json(200, {}));
  };
}
