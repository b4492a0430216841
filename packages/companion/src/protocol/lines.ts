import { StringDecoder } from 'node:string_decoder';
import { Refused } from './refused.js';
import { limits } from './wire.js';

/** The lines of a body of NDJSON, as they come in pieces. */
export class Lines {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  /**
   * The lines that are whole with `chunk`.
   *
   * @throws Refused `too-large` for a line of more than `limits.lineBytes`
   */
  push(chunk: Buffer): string[] {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) expectShort(line);
    expectShort(this.#rest);
    return lines;
  }

  /** What came without a newline at the end; empty, if nothing did. */
  rest(): string {
    return this.#rest + this.#decoder.end();
  }
}

/** A character is a byte at least: most lines need no closer look. */
function expectShort(line: string): void {
  if (line.length * 3 <= limits.lineBytes || Buffer.byteLength(line) <= limits.lineBytes) return;
  throw new Refused('too-large', `expected lines of at most ${limits.lineBytes} bytes, got a longer one`);
}
