/** The frames of HTTP/2 (RFC 9113, section 6) that these tests send or look at. */
export const frameTypes = {
  data: 0x0,
  headers: 0x1,
  reset: 0x3,
  settings: 0x4,
  ping: 0x6,
  goaway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
} as const;

/** Flags of frames; `ack` and `endStream` are one bit, of different frames. */
export const flags = { ack: 0x1, endStream: 0x1, endHeaders: 0x4 } as const;

/** Error codes (RFC 9113, section 7). */
export const errorCodes = { noError: 0x0, protocolError: 0x1, refusedStream: 0x7, cancel: 0x8 } as const;

/** What a client says first (RFC 9113, section 3.4). */
export const preface: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** One frame. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

const headBytes = 9;

export function encodeFrame({ type, flags: bits, stream, payload }: Frame): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(bits, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Takes whole frames off the front of `bytes`; what is left is the begin of the next. */
export function decodeFrames(bytes: Buffer): { readonly frames: readonly Frame[]; readonly rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  while (bytes.length - at >= headBytes) {
    const end = at + headBytes + bytes.readUIntBE(at, 3);
    if (bytes.length < end) break;
    frames.push({
      type: bytes.readUInt8(at + 3),
      flags: bytes.readUInt8(at + 4),
      // The first bit is reserved.
      stream: bytes.readUInt32BE(at + 5) & 0x7fff_ffff,
      payload: bytes.subarray(at + headBytes, end),
    });
    at = end;
  }
  return { frames, rest: bytes.subarray(at) };
}

/**
 * Header fields as HPACK (RFC 7541, section 6.2.2) in its plainest form:
 * literals, neither indexed nor compressed.
 */
export function encodeFields(fields: Readonly<Record<string, string>>): Buffer {
  const parts = Object.entries(fields).flatMap(([name, value]) => [
    Buffer.of(0),
    literal(name),
    literal(value),
  ]);
  return Buffer.concat(parts);
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([prefixed(bytes.length), bytes]);
}

/** An integer with a prefix of seven bits (RFC 7541, section 5.1). */
function prefixed(value: number): Buffer {
  const most = 0x7f;
  if (value < most) return Buffer.of(value);
  const bytes = [most];
  let left = value - most;
  for (; left >= 0x80; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
  return Buffer.of(...bytes, left);
}
