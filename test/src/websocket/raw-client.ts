import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Address, within } from '@graceful/conformance/client';
import { Looks } from './looks.js';

const patienceMs = 30_000;

/** A frame as a server sends it: not masked. */
export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly at: number;
}

const opcodes = { text: 1, close: 8 } as const;

/**
 * A client on a raw socket that reads the frames byte by byte, never pings,
 * and answers a close frame only if it is told to.
 */
export class RawClient {
  readonly frames: Frame[] = [];
  readonly #socket: Socket;
  readonly #answers: boolean;
  readonly #closed: Promise<void>;
  readonly #looks = new Looks();
  #bytes: Buffer = Buffer.alloc(0);
  #head: string | undefined;
  #ended = false;

  /** Ask for an upgrade, or what `head` asks for; resolves when the head of the response has come. */
  static async open(
    address: Address,
    { answers = true, path = '/', head = upgradeTo(path) }: RawClientOptions = {},
  ): Promise<RawClient> {
    const client = RawClient.begin(address, { answers, path, head });
    await client.until('the head of a response', () => client.#head !== undefined);
    return client;
  }

  /** The same, without waiting for the response. */
  static begin(
    address: Address,
    { answers = true, path = '/', head = upgradeTo(path) }: RawClientOptions = {},
  ): RawClient {
    const { host, port, tls } = address;
    // The certificate of the fixture is signed by itself.
    const options = { host, port, rejectUnauthorized: false };
    return new RawClient(tls ? connectTls(options) : connectTcp(options), head, answers);
  }

  private constructor(socket: Socket, head: string, answers: boolean) {
    this.#socket = socket;
    this.#answers = answers;
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    this.#closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#ended = true;
        this.#looks.changed();
        resolve();
      });
    });
    socket.write(head);
  }

  /** The first line of the response. */
  get status(): string | undefined {
    return this.#head?.split('\r\n')[0];
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Code and reason of the close frame, once it has come. */
  get closeFrame(): { readonly code: number; readonly reason: string; readonly at: number } | undefined {
    const frame = this.frames.find(({ opcode }) => opcode === opcodes.close);
    if (!frame) return undefined;
    const { payload, at } = frame;
    return { code: payload.readUInt16BE(0), reason: payload.subarray(2).toString(), at };
  }

  /** What came that was no frame: of another protocol. */
  get text(): string {
    return this.#bytes.toString();
  }

  /** Resolves when `done`; rejects when the connection ends before. */
  async until(what: string, done: () => boolean): Promise<void> {
    await this.#looks.until(what, () => done() || this.#ended);
    if (!done()) throw new Error(`no ${what}: the connection has ended`);
  }

  /** Resolves with the close frame. */
  async toldBye(): Promise<{ readonly code: number; readonly reason: string; readonly at: number }> {
    await this.until('a close frame', () => this.closeFrame !== undefined);
    return this.closeFrame as NonNullable<typeof this.closeFrame>;
  }

  closed(): Promise<void> {
    return within(patienceMs, 'the end of a connection', this.#closed);
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  /** Send a message. */
  say(text: string): void {
    this.#socket.write(frameOf(opcodes.text, Buffer.from(text)));
  }

  /** Answer the close frame. */
  answer(): void {
    const { payload } = this.frames.find(({ opcode }) => opcode === opcodes.close) ?? {};
    if (!payload) throw new Error('Expected a close frame to answer.');
    this.#socket.write(frameOf(opcodes.close, payload));
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #onData(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (this.#head === undefined) {
      const end = this.#bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#head = this.#bytes.subarray(0, end).toString();
      this.#bytes = this.#bytes.subarray(end + 4);
    }
    if (/^upgrade: websocket$/im.test(this.#head)) this.#readFrames();
    this.#looks.changed();
  }

  #readFrames(): void {
    for (let frame = readFrame(this.#bytes); frame; frame = readFrame(this.#bytes)) {
      this.#bytes = frame.rest;
      this.frames.push({ opcode: frame.opcode, payload: frame.payload, at: performance.now() });
      if (frame.opcode === opcodes.close && this.#answers) this.answer();
    }
  }
}

/** What a client asks for, and how it behaves. */
export interface RawClientOptions {
  /** Whether it answers the close frame. */
  readonly answers?: boolean;
  readonly path?: string;
  /** A request head instead of the one that asks for a WebSocket. */
  readonly head?: string;
}

function upgradeTo(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
}

/** The first frame of `bytes`, if it is whole (RFC 6455, section 5.2). */
function readFrame(bytes: Buffer): { opcode: number; payload: Buffer; rest: Buffer } | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const short = second & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return undefined;
  const length =
    short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (bytes.length < start + length) return undefined;
  return {
    opcode: first & 0x0f,
    payload: bytes.subarray(start, start + length),
    rest: bytes.subarray(start + length),
  };
}

/** A frame of at most 125 bytes. A client masks what it sends; a mask of zeros changes nothing. */
function frameOf(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
