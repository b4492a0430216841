import { ProtocolError } from './protocol-error.js';

/** How the end of a body is known (RFC 9112 6.3). */
export type BodyFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' };

/** What is read next in a chunked body (RFC 9112 7.1). */
type ChunkPart =
  | { readonly name: 'size' }
  | { readonly name: 'data'; readonly left: number }
  | { readonly name: 'data-end' }
  | { readonly name: 'trailer' }
  | { readonly name: 'over' };

const maxLineBytes = 4_096;

/** Reads one body and knows where it ends. */
export class BodyReader {
  readonly #framing: BodyFraming;
  #left: number;
  #part: ChunkPart = { name: 'size' };
  #line = '';

  constructor(framing: BodyFraming) {
    this.#framing = framing;
    this.#left = framing.kind === 'length' ? framing.bytes : 0;
  }

  /** Whether the body has come whole; one that lasts until the close never knows. */
  get done(): boolean {
    switch (this.#framing.kind) {
      case 'none':
        return true;
      case 'length':
        return this.#left === 0;
      case 'chunked':
        return this.#part.name === 'over';
      case 'until-close':
        return false;
    }
  }

  /** Reads `bytes`, hands the data in them to `take`, and gives back what lies behind the end of the body. */
  feed(bytes: Buffer, take: (data: Buffer) => void): Buffer {
    switch (this.#framing.kind) {
      case 'none':
        return bytes;
      case 'until-close':
        take(bytes);
        return bytes.subarray(bytes.length);
      case 'length': {
        const data = bytes.subarray(0, this.#left);
        this.#left -= data.length;
        if (data.length > 0) take(data);
        return bytes.subarray(data.length);
      }
      case 'chunked': {
        let rest = bytes;
        while (rest.length > 0 && this.#part.name !== 'over') rest = this.#feedChunked(rest, take);
        return rest;
      }
    }
  }

  #feedChunked(bytes: Buffer, take: (data: Buffer) => void): Buffer {
    if (this.#part.name === 'data') {
      const data = bytes.subarray(0, this.#part.left);
      take(data);
      const left = this.#part.left - data.length;
      this.#part = left === 0 ? { name: 'data-end' } : { name: 'data', left };
      return bytes.subarray(data.length);
    }
    const end = bytes.indexOf('\n');
    this.#line += bytes.toString('latin1', 0, end === -1 ? bytes.length : end + 1);
    if (this.#line.length > maxLineBytes) throw new ProtocolError('a chunk line without end');
    if (end === -1) return bytes.subarray(bytes.length);
    if (!this.#line.endsWith('\r\n')) throw new ProtocolError('a chunk line that ends without CR');
    this.#part = afterLine(this.#part, this.#line.slice(0, -2));
    this.#line = '';
    return bytes.subarray(end + 1);
  }
}

function afterLine(part: ChunkPart, line: string): ChunkPart {
  switch (part.name) {
    case 'size': {
      const [, hex] = /^([0-9a-fA-F]{1,12})(?:[ \t]*;.*)?$/.exec(line) ?? [];
      if (hex === undefined) throw new ProtocolError(`not a chunk size: ${JSON.stringify(line)}`);
      const left = Number.parseInt(hex, 16);
      return left === 0 ? { name: 'trailer' } : { name: 'data', left };
    }
    case 'data-end':
      if (line !== '') throw new ProtocolError(`a chunk longer than it said: ${JSON.stringify(line)}`);
      return { name: 'size' };
    case 'trailer':
      return line === '' ? { name: 'over' } : part;
    case 'data':
    case 'over':
      return part;
  }
}
