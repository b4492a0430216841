/** Types of frames (RFC 9113, section 6). */
export const frameTypes = {
  data: 0x0,
  headers: 0x1,
  priority: 0x2,
  reset: 0x3,
  settings: 0x4,
  pushPromise: 0x5,
  ping: 0x6,
  goaway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
} as const;

/** Flags of frames; `ack` and `endStream` are one bit, of different frames. */
export const flags = { ack: 0x1, endStream: 0x1, endHeaders: 0x4, padded: 0x8 } as const;

/** What a client says first (RFC 9113, section 3.4). */
export const preface: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** A frame, as right or wrong as its parts. */
export function frame(
  type: number,
  bits: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
  length: number = payload.length,
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(bits, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** 32 bits, the most significant first. */
export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32BE(value, 4 * index));
  return bytes;
}

/** SETTINGS with pairs of a number and a value. */
export function settings(...pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(6 * pairs.length);
  pairs.forEach(([id, value], index) => {
    payload.writeUInt16BE(id, 6 * index);
    payload.writeUInt32BE(value, 6 * index + 2);
  });
  return frame(frameTypes.settings, 0, 0, payload);
}

/** The head of a request as HPACK in its plainest form: literals (RFC 7541, section 6.2.2), shorter than 127 bytes. */
export function fields(path: string, method = 'GET'): Buffer {
  const all = { ':method': method, ':scheme': 'http', ':authority': 'localhost', ':path': path };
  return Buffer.concat(
    Object.entries(all).flatMap(([name, value]) => [Buffer.of(0), literal(name), literal(value)]),
  );
}

function literal(text: string): Buffer {
  return Buffer.concat([Buffer.of(text.length), Buffer.from(text, 'latin1')]);
}

/** A whole request without a body. */
export function get(stream: number, path: string): Buffer {
  return frame(frameTypes.headers, flags.endHeaders | flags.endStream, stream, fields(path));
}
