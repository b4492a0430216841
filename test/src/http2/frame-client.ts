import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { within } from '@graceful/conformance/client';
import {
  decodeFrames,
  encodeFields,
  encodeFrame,
  errorCodes,
  type Frame,
  flags,
  frameTypes,
  preface,
} from './frames.js';

/** A frame that came, and when. */
export interface Arrived extends Frame {
  /** On `performance.now()`'s clock. */
  readonly at: number;
}

/** What a client does that not every client does. */
export interface FrameManners {
  /** Never close our side, though the server has closed its own. */
  readonly stubborn?: boolean;
  /** Leave PING unanswered. */
  readonly deaf?: boolean;
}

/** A request as frames: head and body. */
export interface FrameRequest {
  readonly method?: string;
  /** For CONNECT, where to. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether a body follows the head. */
  readonly body?: boolean;
}

/** How the connection ended. */
export interface FrameEnd {
  /** `server`: in order, by the server. `reset`: not in order. */
  readonly how: 'server' | 'reset' | 'client';
  readonly at: number;
}

const patienceMs = 20_000;

/**
 * An HTTP/2 client of plain frames: it shows what a real one hides, such as
 * in which order the server says that it leaves and that a response has
 * ended. It answers SETTINGS and PING, and does nothing else by itself.
 */
export class FrameClient {
  readonly frames: Arrived[] = [];
  readonly closed: Promise<FrameEnd>;
  readonly #socket: Socket;
  readonly #manners: FrameManners;
  readonly #waiting = new Set<() => void>();
  #rest: Buffer = Buffer.alloc(0);
  #next = 1;
  #end: FrameEnd | undefined;
  #resolveClosed!: (end: FrameEnd) => void;

  static async open(
    { host, port }: { readonly host: string; readonly port: number },
    manners: FrameManners = {},
  ): Promise<FrameClient> {
    const socket = createConnection({ host, port, noDelay: true, allowHalfOpen: true });
    await once(socket, 'connect');
    return new FrameClient(socket, manners);
  }

  private constructor(socket: Socket, manners: FrameManners) {
    this.#socket = socket;
    this.#manners = manners;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('end', () => {
      this.#close('server');
      if (!manners.stubborn) socket.end();
    });
    socket.on('error', () => this.#close('reset'));
    socket.on('close', () => this.#close('reset'));
    this.write(preface);
    this.send({ type: frameTypes.settings, flags: 0, stream: 0, payload: Buffer.alloc(0) });
  }

  get end(): FrameEnd | undefined {
    return this.#end;
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  send(frame: Frame): void {
    this.write(encodeFrame(frame));
  }

  /** Send the head of a request, and all of it if it has no body; the number of its stream. */
  request(request: FrameRequest): number {
    const stream = this.#next;
    this.#next += 2;
    const bits = flags.endHeaders | (request.body ? 0 : flags.endStream);
    this.send({ type: frameTypes.headers, flags: bits, stream, payload: fieldsOf(request) });
    return stream;
  }

  /** The first `bytes` of the head of a request; the rest of it is returned, to be written later. */
  halfRequest(request: FrameRequest, bytes: number): { readonly stream: number; readonly rest: Buffer } {
    const stream = this.#next;
    this.#next += 2;
    const bits = flags.endHeaders | flags.endStream;
    const whole = encodeFrame({ type: frameTypes.headers, flags: bits, stream, payload: fieldsOf(request) });
    this.write(whole.subarray(0, bytes));
    return { stream, rest: whole.subarray(bytes) };
  }

  body(stream: number, payload: Buffer, isLast: boolean): void {
    this.send({ type: frameTypes.data, flags: isLast ? flags.endStream : 0, stream, payload });
  }

  cancel(stream: number, code: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(code);
    this.send({ type: frameTypes.reset, flags: 0, stream, payload });
  }

  /** Take more of what the server has for `stream` (RFC 9113, section 6.9); 0 is the whole connection. */
  allow(stream: number, bytes: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(bytes);
    this.send({ type: frameTypes.windowUpdate, flags: 0, stream, payload });
  }

  /** The first frame that matches, past or to come. */
  async until(what: string, matches: (frame: Arrived) => boolean): Promise<Arrived> {
    const found = new Promise<Arrived>((resolve, reject) => {
      const look = () => {
        const frame = this.frames.find(matches);
        if (frame) resolve(frame);
        else if (this.#end) reject(new Error(`no ${what}: the connection has ended (${this.#end.how})`));
        else return;
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
    return within(patienceMs, what, found);
  }

  untilGoaway(): Promise<Arrived> {
    return this.until('GOAWAY', isGoaway);
  }

  /** Resolves when there have been so many. */
  async untilGoaways(count: number): Promise<void> {
    await this.until(`${count} GOAWAY`, () => this.frames.filter(isGoaway).length >= count);
  }

  /** Resolves with what the last GOAWAY says, when the connection has ended. */
  async lastGoaway(): Promise<{ readonly lastStream: number; readonly code: number }> {
    await within(patienceMs, 'the end of the connection', this.closed);
    const last = this.frames.findLast(isGoaway);
    if (!last) throw new Error('no GOAWAY');
    return readGoaway(last);
  }

  /** Whether the server has said, without an error, that it leaves. */
  get told(): boolean {
    const frame = this.frames.find(isGoaway);
    return frame !== undefined && readGoaway(frame).code === errorCodes.noError;
  }

  /** The frame with which a response ends. */
  ended(stream: number): Promise<Arrived> {
    return this.until(`the end of stream ${stream}`, (frame) => isEndOf(stream, frame));
  }

  /** The frame with which a response begins. */
  begun(stream: number): Promise<Arrived> {
    return this.until(`the head of stream ${stream}`, (frame) => {
      return frame.stream === stream && frame.type === frameTypes.headers;
    });
  }

  /** Where in the order of frames the response ended; `-1` if it did not. */
  indexOfEnd(stream: number): number {
    return this.frames.findIndex((frame) => isEndOf(stream, frame));
  }

  /** Where in the order of frames the server said that it leaves; `-1` if it did not. */
  get indexOfGoaway(): number {
    return this.frames.findIndex(isGoaway);
  }

  get resets(): readonly Arrived[] {
    return this.frames.filter(({ type }) => type === frameTypes.reset);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Leave nothing behind. */
  destroy(): void {
    this.#close('client');
    this.#socket.destroy();
  }

  #onData(bytes: Buffer): void {
    const { frames, rest } = decodeFrames(Buffer.concat([this.#rest, bytes]));
    this.#rest = rest;
    const at = performance.now();
    for (const frame of frames) {
      this.frames.push({ ...frame, at });
      this.#answer(frame);
    }
    for (const look of this.#waiting) look();
  }

  #answer({ type, flags: bits, payload }: Frame): void {
    if (bits & flags.ack) return;
    if (type === frameTypes.settings) {
      this.send({ type, flags: flags.ack, stream: 0, payload: Buffer.alloc(0) });
    }
    if (type === frameTypes.ping && !this.#manners.deaf) {
      this.send({ type, flags: flags.ack, stream: 0, payload });
    }
  }

  #close(how: FrameEnd['how']): void {
    if (this.#end) return;
    this.#end = { how, at: performance.now() };
    this.#resolveClosed(this.#end);
    for (const look of this.#waiting) look();
  }
}

/** The last stream that a GOAWAY names, and why it was sent. Of several the last counts (RFC 9113, section 6.8). */
function readGoaway({ payload }: Frame): { readonly lastStream: number; readonly code: number } {
  return { lastStream: payload.readUInt32BE(0) & 0x7fff_ffff, code: payload.readUInt32BE(4) };
}

function fieldsOf({ method = 'GET', path, headers = {} }: FrameRequest): Buffer {
  // RFC 9113, section 8.5.
  if (method === 'CONNECT') return encodeFields({ ':method': method, ':authority': path });
  return encodeFields({
    ':method': method,
    ':scheme': 'http',
    ':authority': 'localhost',
    ':path': path,
    ...headers,
  });
}

function isGoaway({ type }: Frame): boolean {
  return type === frameTypes.goaway;
}

function isEndOf(stream: number, frame: Frame): boolean {
  const carriesEnd = frame.type === frameTypes.data || frame.type === frameTypes.headers;
  return frame.stream === stream && carriesEnd && (frame.flags & flags.endStream) !== 0;
}
