import { type Carry } from '@graceful/conformance/client';

/** How one side's records came to their end. */
export interface LastRecord {
  /** Of the outermost record: 21 is an alert; in TLS 1.3 everything encrypted is 23. */
  readonly type: number;
  /** Of what the record holds. */
  readonly bytes: number;
  /** Bytes behind it that are no whole record: it was cut. */
  readonly rest: number;
}

const headerBytes = 5;

/** Carries everything at once, and reads the records of TLS as they pass; told when the side has ended, and how. */
export function watchRecords(ended: (last: LastRecord | undefined) => void): Carry {
  return (from, to) => {
    let pending = Buffer.alloc(0);
    let last: Omit<LastRecord, 'rest'> | undefined;
    from.on('data', (data: Buffer) => {
      to.write(data);
      pending = Buffer.concat([pending, data]);
      while (pending.length >= headerBytes) {
        const bytes = pending.readUInt16BE(3);
        if (pending.length < headerBytes + bytes) return;
        last = { type: pending.readUInt8(0), bytes };
        pending = pending.subarray(headerBytes + bytes);
      }
    });
    from.on('end', () => {
      ended(last && { ...last, rest: pending.length });
      to.end();
    });
    from.on('error', () => {
      ended(undefined);
      to.resetAndDestroy();
    });
  };
}

/**
 * Whether it was a `close_notify`, as far as that can be told from outside:
 * an alert of two bytes, and in TLS 1.3, where its type is hidden, nothing
 * else is as short (two bytes, the type, and a tag of sixteen).
 */
export function isCloseNotify(last: LastRecord | undefined): boolean {
  if (last === undefined || last.rest > 0) return false;
  return last.type === 21 || (last.type === 23 && last.bytes === 19);
}
