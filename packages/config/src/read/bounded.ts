import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { ConfigError } from '../config-error.js';

/** How much may be read. */
interface Bounds {
  /** Of everything together. */
  readonly mostBytes: number;
  /** Of what belongs to it. */
  readonly alreadyRead: number;
  /** What everything is. */
  readonly whole: string;
}

/**
 * Read a file, but never more than it may have, and never anything that is
 * not a file: a pipe would make us wait, and a device has no end.
 *
 * @returns `undefined` for a folder
 */
export async function readBounded(path: string, bounds: Bounds): Promise<Buffer | undefined> {
  const { mostBytes, alreadyRead, whole } = bounds;
  // Without O_NONBLOCK it is the open() of a pipe that waits (fifo(7)).
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) return undefined;
    if (!stats.isFile()) {
      throw new ConfigError(
        'ERR_CONFIG_UNREADABLE',
        `Expected a file at ${path}, got a pipe, a socket or a device.`,
        { file: whole },
      );
    }
    const chunks: Buffer[] = [];
    let bytes = alreadyRead;
    // Not what stat() says: a file of /proc has the size 0, and one that is written grows.
    while (bytes <= mostBytes) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(64 * 1_024));
      if (bytesRead === 0) return Buffer.concat(chunks);
      bytes += bytesRead;
      chunks.push(buffer.subarray(0, bytesRead));
    }
    throw new ConfigError(
      'ERR_CONFIG_TOO_LARGE',
      `Expected at most ${mostBytes} bytes in ${whole}, got more. Correct the path, or raise \`maxBytes\`.`,
      { file: whole },
    );
  } finally {
    await handle.close();
  }
}
