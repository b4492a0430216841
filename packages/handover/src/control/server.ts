import { createServer, type Server, type Socket } from 'node:net';
import { resolve as absolute } from 'node:path';
import { duration } from '../options.js';
import { type ControlRequest, longestRequest, parseRequest, type Refusal, refusal } from './request.js';
import { readRequestLine } from './request-line.js';
import { listenAt } from './socket-file.js';
import type { ControlTarget, Outcome, Progress } from './target.js';

/** How a {@link ControlServer} listens. */
export interface ControlServerOptions {
  /** Of the socket; made absolute when it is given. See {@link controlPlaces} for where it usually is. */
  readonly path: string;
  /**
   * How long a client may take to send its request, and to read the end of
   * the answer, in milliseconds.
   *
   * @defaultValue 5_000
   */
  readonly clientMs?: number;
  /** Told what the system complains of while it listens, such as a want of file descriptors. */
  readonly onProblem?: (error: Error) => void;
}

/** More clients than anybody needs; each is a file descriptor that a generation may want. */
const mostClients = 32;

/** A client that asks and does not read is cut when this much waits for it, in bytes. */
const mostUnread = 1_048_576;

/**
 * Answers on a Unix socket that only our user may open. One request for each
 * connection, one JSON object a line: first what happens, then what became
 * of it. What was asked for goes on when the client has gone.
 */
export class ControlServer {
  /** Of the socket. */
  readonly path: string;
  readonly #target: ControlTarget;
  readonly #server: Server;
  readonly #clientMs: number;
  /** Those with a request under way are true. */
  readonly #clients = new Map<Socket, boolean>();
  #place: Disposable | undefined;
  #closed: Promise<void> | undefined;

  private constructor(target: ControlTarget, { path, clientMs, onProblem }: ControlServerOptions) {
    this.path = absolute(path);
    this.#target = target;
    this.#clientMs = duration('clientMs', clientMs, 5_000);
    // Half-open: whoever pipes a request into the socket closes that side first, and then reads.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => void this.#serve(socket));
    this.#server.on('error', (error) => {
      if (this.#place) onProblem?.(error);
    });
  }

  /**
   * Listen, in a folder that is made for us alone where it does not exist.
   *
   * @throws {@link HandoverError} `ERR_HANDOVER_CONTROL_TAKEN` where somebody
   * answers at the path, or it is that of no socket; `ERR_HANDOVER_CONTROL_UNSAFE`
   * where somebody else owns the folder or may write to it;
   * `ERR_HANDOVER_CONTROL_LISTEN` where the system refuses; `ERR_HANDOVER_OPTION`
   */
  static async open(target: ControlTarget, options: ControlServerOptions): Promise<ControlServer> {
    const server = new ControlServer(target, options);
    server.#place = await listenAt(server.#server, server.path);
    return server;
  }

  /**
   * Take the socket away, and finish the answers that are under way, each
   * within the time that a client has. Settle what was asked for before:
   * nobody is told what is not known yet.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Take the socket away, for a process that exits and waits for nothing any more. */
  abandon(): void {
    this.#place?.[Symbol.dispose]();
  }

  async #close(): Promise<void> {
    // First the path: from now on nobody is there, and another may come.
    this.#place?.[Symbol.dispose]();
    const gone = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const [socket, asked] of this.#clients) if (!asked) socket.destroy();
    const timer = setTimeout(() => {
      for (const socket of this.#clients.keys()) socket.destroy();
    }, this.#clientMs);
    await gone;
    clearTimeout(timer);
  }

  async #serve(socket: Socket): Promise<void> {
    // Whoever asks may go at any time; that is no error.
    socket.on('error', () => {});
    socket.once('close', () => this.#clients.delete(socket));
    this.#clients.set(socket, false);
    if (this.#clients.size > mostClients) {
      // At once: one that lingers is a descriptor, too.
      socket.end(`${JSON.stringify(tooMany())}\n`, () => socket.destroy());
      return;
    }
    const outcome = await this.#answer(socket);
    if (outcome) end(socket, outcome, this.#clientMs);
    else socket.destroy();
  }

  async #answer(socket: Socket): Promise<object | undefined> {
    const read = await readRequestLine(socket, this.#clientMs);
    switch (read.kind) {
      case 'gone':
        return undefined;
      case 'slow':
        return refusal('slow', `Expected a request within ${this.#clientMs} ms, got none that was whole.`);
      case 'oversized':
        return refusal('oversized', `Expected a request of at most ${longestRequest} bytes, got more.`);
      case 'line': {
        const request = parseRequest(read.line);
        if ('done' in request) return request;
        this.#clients.set(socket, true);
        try {
          return await this.#do(request, socket);
        } catch (error) {
          // A defect of ours; it must not end a supervisor.
          return { done: 'failed', code: 'internal', message: String(error) } satisfies Outcome;
        }
      }
    }
  }

  async #do(request: ControlRequest, socket: Socket): Promise<object> {
    if (request.do === 'status') return { done: 'ok', status: this.#target.status() };
    const progress = this.#begin(request);
    for await (const event of progress.events) if (!tell(socket, event)) break;
    return progress.done;
  }

  #begin(request: Exclude<ControlRequest, { do: 'status' }>): Progress {
    switch (request.do) {
      case 'upgrade': {
        const { do: _, ...what } = request;
        return this.#target.upgrade(what);
      }
      case 'rollback':
        return this.#target.rollback();
      case 'drain':
        return this.#target.drain();
      case 'stop':
        return this.#target.stop();
    }
  }
}

function tooMany(): Refusal {
  return refusal('busy', `Expected at most ${mostClients} clients at once, got one more. Try again.`);
}

function tell(socket: Socket, message: object): boolean {
  if (!socket.writable) return false;
  socket.write(`${JSON.stringify(message)}\n`);
  if (socket.writableLength > mostUnread) socket.destroy();
  return true;
}

/** The last line; then the client has a while to read it and to close. */
function end(socket: Socket, outcome: object, timeMs: number): void {
  if (tell(socket, outcome)) socket.end();
  const timer = setTimeout(() => socket.destroy(), timeMs);
  socket.once('close', () => clearTimeout(timer));
  // It has nothing to say any more: what still comes is thrown away, its end is its end.
  socket.resume();
}
