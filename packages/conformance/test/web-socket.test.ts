import { describe, expect, it } from 'vitest';
import { readFrame } from '../src/client/web-socket.js';

describe('a frame', () => {
  it.each([
    ['without a payload', Buffer.from([0x8a, 0]), { op: 10, length: 2 }],
    ['with a short one', Buffer.from([0x88, 2, 3, 0xe9]), { op: 8, length: 4 }],
    [
      'with one of 16 bits',
      Buffer.concat([Buffer.from([0x82, 126, 1, 0]), Buffer.alloc(256)]),
      { length: 260 },
    ],
    [
      'with one of 64 bits',
      Buffer.concat([Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]), Buffer.alloc(65_536)]),
      { length: 65_546 },
    ],
  ])('%s is read, and what is behind it left', (_how, bytes, expected) => {
    const frame = readFrame(Buffer.concat([bytes, Buffer.from('next')]));
    expect(frame).toMatchObject(expected);
    expect(frame?.payload.length).toBe(
      bytes.length - (bytes.length > 65_000 ? 10 : bytes.length > 200 ? 4 : 2),
    );
  });

  it.each([0, 1, 3])('is waited for while only %i bytes of it are there', (count) => {
    expect(readFrame(Buffer.from([0x88, 2, 3, 0xe9]).subarray(0, count))).toBeUndefined();
  });
});
