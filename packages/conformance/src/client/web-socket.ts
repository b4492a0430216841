import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Address } from './connection.js';
import { ProtocolError } from './protocol-error.js';

/** How a WebSocket ended: with a close frame and its code (1005 without one), or by the loss of its connection. */
export type WebSocketEnd = { readonly how: 'close'; readonly code: number } | { readonly how: 'cut' };

const acceptSalt = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const noCode = 1005;
const [pingOp, pongOp, closeOp] = [9, 10, 8];

/** A client that opens a WebSocket (RFC 6455), answers pings, and notes how it ends; messages are nobody's business. */
export class WebSocketClient {
  /** How it ended. */
  readonly ended: Promise<WebSocketEnd>;
  readonly #socket: Duplex;
  #resolveEnded!: (end: WebSocketEnd) => void;
  #bytes: Buffer;

  /** @throws {@link ProtocolError} when the service does not upgrade */
  static async open({ host, port, tls }: Address, path: string): Promise<WebSocketClient> {
    const key = randomBytes(16).toString('base64');
    const headers = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': key,
    };
    const options = { host, port, path, headers, rejectUnauthorized: false };
    const asked = (tls ? requestTls : request)(options).end();
    asked.once('response', (response) => {
      asked.destroy(new ProtocolError(`no WebSocket at ${path}: answered ${response.statusCode}`));
    });
    const [response, socket, head] = (await once(asked, 'upgrade')) as [
      { readonly headers: Readonly<Record<string, string>> },
      Duplex,
      Buffer,
    ];
    const accept = createHash('sha1')
      .update(key + acceptSalt)
      .digest('base64');
    if (response.headers['sec-websocket-accept'] !== accept) {
      socket.destroy();
      throw new ProtocolError(`no WebSocket at ${path}: a wrong Sec-WebSocket-Accept`);
    }
    return new WebSocketClient(socket, head);
  }

  private constructor(socket: Duplex, head: Buffer) {
    this.#socket = socket;
    this.#bytes = head;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    socket.on('data', (bytes: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      this.#readFrames();
    });
    socket.on('error', () => this.#end({ how: 'cut' }));
    socket.on('end', () => this.#end({ how: 'cut' }));
    socket.on('close', () => this.#end({ how: 'cut' }));
    this.#readFrames();
  }

  /** Leave nothing behind. */
  destroy(): void {
    this.#socket.destroy();
  }

  #readFrames(): void {
    for (let frame = readFrame(this.#bytes); frame; frame = readFrame(this.#bytes)) {
      this.#bytes = this.#bytes.subarray(frame.length);
      if (frame.op === pingOp) this.#send(pongOp, frame.payload);
      if (frame.op !== closeOp) continue;
      // The closing handshake: say it back, and let the service end the connection (RFC 6455 7.1.1).
      this.#send(closeOp, frame.payload.subarray(0, 2));
      this.#end({ how: 'close', code: frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : noCode });
    }
  }

  #send(op: number, payload: Buffer): void {
    // A client masks what it sends (5.3); with zeros the payload stays as it is.
    this.#socket.write(Buffer.concat([Buffer.from([0x80 | op, 0x80 | payload.length, 0, 0, 0, 0]), payload]));
  }

  #end(end: WebSocketEnd): void {
    this.#resolveEnded(end);
    this.#socket.end();
  }
}

/** A frame as a server sends it: unmasked. */
interface Frame {
  readonly op: number;
  readonly payload: Buffer;
  /** With its header. */
  readonly length: number;
}

/** The first frame in `bytes`, if it is there whole (RFC 6455 5.2). */
export function readFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined;
  const [first = 0, second = 0] = bytes;
  const short = second & 0x7f;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  const start = 2 + extended;
  if (bytes.length < start) return undefined;
  const size =
    extended === 2 ? bytes.readUInt16BE(2) : extended === 8 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (bytes.length < start + size) return undefined;
  return { op: first & 0x0f, payload: bytes.subarray(start, start + size), length: start + size };
}
